#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"
#include "store/oauth_clients.hpp"

namespace paylink::app {

struct CreateClient {
  std::string name;  // as the consent page shows it: 1 to 64 code points without control characters; need not be unique
  store::ClientType type = store::ClientType::confidential;
  std::vector<std::string> redirect_uris;
  std::vector<std::string> scopes;
  std::string created_by;
};

struct CreatedClient {
  store::OauthClient client;
  std::optional<Secret> secret;  // of a confidential one; shown now and never again
};

// Fails with `no_redirect_uri`, `too_many_redirect_uris`, `bad_redirect_uri` (domain/redirect_uri.hpp says what is
// wrong; schemes of apps are for public applications alone), `no_scope` or `unknown_scope` (naming the known ones).
Result<CreatedClient> create_client(const CreateClient& command, const crypto::KeyRing& keys, sql::Transaction& tx);

struct UpdateClient {
  std::string id;
  std::optional<std::string> name;  // absent: as it is; so are the others
  std::optional<std::vector<std::string>> redirect_uris;
  std::string by;
};

// What is asked for from now on goes by it. Codes and tokens that were issued before are as good as they were. Fails as
// create_client does, and with `no_client`.
Result<store::OauthClient> update_client(const UpdateClient& command, sql::Transaction& tx);

struct ListedClient {
  store::OauthClient client;
  std::vector<store::ClientSecret> secrets;  // those that are good, newest first
};

// Newest first, at most 1000.
Result<std::vector<ListedClient>> list_clients(sql::Transaction& tx);

struct RotatedClient {
  store::OauthClient client;
  Secret secret;                  // shown now and never again
  std::optional<Time> old_until;  // how long the secret before it is good; absent when it is no longer
};

// A new secret; the one before it is good for `overlap` more, so that whoever uses it can change over. Fails with
// `no_client`, `public_client` (which has none), or `two_secrets` while the overlap of the last rotation is not over:
// only without an overlap is there room for a third, in the place of both.
Result<RotatedClient> rotate_client(std::string_view id, std::chrono::seconds overlap, const std::string& by,
                                    const crypto::KeyRing& keys, sql::Transaction& tx);

// Nothing that was issued to it is good any more, within half a second (runtime/caller_cache.hpp). Fails with
// `no_client`.
Result<store::OauthClient> delete_client(std::string_view id, const std::string& by, sql::Transaction& tx);

}  // namespace paylink::app
