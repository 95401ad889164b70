#pragma once

#include <string>
#include <string_view>

#include "app/install.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace paylink::sandbox {

// What a sandbox grows from: 32 random bytes and the moment it was made, kept in its data directory. Every id and
// credential of the sandbox follows from them, so a restart prints the same ones and nothing secret has to be stored.
struct Seed {
  Secret secret;
  Time created_at;

  static Seed create(Time now, Random& random);
  // The file's text, and back. Fails with `bad_seed`.
  std::string text() const;
  static Result<Seed> parse(std::string_view text);
};

enum class Connected : std::uint8_t { no, yes };

// Everything the ready file tells, and what is stored of it.
struct Credentials {
  app::Installation installation;
  Secret password;
  app::SandboxAccess access;
  Secret staging_token;
  Secret webhook_secret;
};

Credentials grow(const Seed& seed, Connected connected);

// The seed as master key of the sandbox's other keys.
Secret master_key(const Seed& seed);

// Our application at the simulator: by it merchants authorize us there.
struct ProviderApplication {
  std::string client_id;
  Secret client_secret;
};
ProviderApplication provider_application(const Seed& seed);

// The ready file, and what is printed (design: names others rely on).
std::string ready_json(const Credentials& credentials, std::string_view base_url, std::string_view simulator_url,
                       int pid);

}  // namespace paylink::sandbox
