// `storybook DIR [LANGUAGE]` writes every page and what the pages load into DIR, to be looked at with any static file
// server.

#include <filesystem>
#include <fstream>
#include <iostream>

#include "golden/storybook.hpp"
#include "pages/assets.hpp"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: storybook DIR [LANGUAGE]\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder / "assets");
  const auto site = paylink::pages::Site::create(paylink::pages::Transport::plain);
  if (!site) {
    std::cerr << site.error().message << ' ' << site.error().detail << '\n';
    return 1;
  }
  for (const auto& story : paylink::golden::storybook(site->language(argc == 3 ? argv[2] : "en")))
    std::ofstream(folder / (story.name + ".html")) << story.page.body;
  for (const char* name : {"checkout.css", "account.css", "simulator.css", "favicon.svg"}) {
    const auto address = *paylink::pages::asset_address(name);
    std::ofstream(folder / address.substr(1)) << paylink::pages::asset(address)->body;
  }
}
