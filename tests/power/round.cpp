#include "round.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

#include "disk_vfs.hpp"

namespace paylink::power {
namespace {

constexpr std::uint64_t whole_every = 64;  // images that are looked at as a whole, and on which the program goes on

constexpr int told_max = 10;  // violations of a round, on stderr

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "power_cuts: " << what << "\n";
  std::_Exit(70);
}

void give_up_on(const Error& error) { give_up(error.reason + ": " + error.detail); }

// On a thread of its own: a thread's connections end with it.
template <class Body>
void on_a_thread(Body body) {
  std::thread(body).join();
}

}  // namespace

Round::Round(std::uint64_t seed, Pragmas pragmas)
    : seed_(seed), chance_(seed), world_(seed), disk_(std::make_shared<Disk>(Files(), Recording::yes)) {
  disk_->pragmas = std::move(pragmas);
  mount(disk_);
  on_a_thread([this] { record(); });
  expect();
}

void Round::record() {
  if (const auto laid_out = lay_out(world_); !laid_out) give_up_on(laid_out.error());
  begin_ = disk_->position();
  acknowledged_.push_back({begin_});
  std::vector<const Flow*> order;
  for (const Flow& flow : flows()) order.push_back(&flow);
  for (int life = 0; life < 2; ++life) {
    std::ranges::shuffle(order, chance_);
    on_a_thread([&] { live(order); });
  }
  // Whoever closes last tidies up.
  if (const auto last = open_storage(world_); !last) give_up_on(last.error());
}

void Round::live(std::span<const Flow* const> flows) {
  const auto witness = [this](const Result<>& outcome) {
    world_.moment = disk_->position();
    if (outcome && acknowledged_.back().position != world_.moment) acknowledged_.push_back({world_.moment});
  };
  const auto service = Service::start(world_, witness, give_up_on);
  if (!service) give_up_on(service.error());
  for (const Flow* const flow : flows) flow->run(**service);
}

// What was there at each acknowledgement, by the log itself; and that it was right.
void Round::expect() {
  const auto& log = disk_->log();
  Platter platter;
  std::size_t position = 0;
  for (Acknowledgement& acknowledgement : acknowledged_) {
    for (; position < acknowledgement.position; ++position) platter.apply(log[position]);
    mount(std::make_shared<Disk>(platter.shown()));
    std::vector<Promise> promises;
    std::ranges::copy_if(world_.promises, std::back_inserter(promises),
                         [&](const Promise& promise) { return promise.moment <= position; });
    if (const std::string found = complaints(promises, world_); !found.empty()) give_up(found);
    acknowledgement.rows = look_at_rows(world_).content;
    acknowledgement.bytes = look_at_bytes(world_, std::make_shared<Disk>(platter.shown())).content;
  }
}

void Round::cut(std::size_t stride, int images, std::uint64_t images_max, Tell tell, Tally& tally) {
  const auto& log = disk_->log();
  if (stride == 0) {
    const std::uint64_t all = (log.size() - begin_) * static_cast<std::uint64_t>(images);
    stride = 1 + all / std::max<std::uint64_t>(1, images_max - tally.images);
  }
  Platter platter;
  for (std::size_t position = 0; position < log.size(); ++position) {
    platter.apply(log[position]);
    if (position < begin_ || (position + seed_) % stride != 0) continue;
    const int count = platter.is_waiting() ? images : 1;
    for (int i = 0; i < count && tally.images < images_max; ++i) judge(position + 1, platter.cut(chance_), tell, tally);
  }
}

void Round::cut_first_start(std::size_t stride, Tell tell, Tally& tally) {
  Platter platter;
  for (std::size_t position = 0; position < begin_; ++position) {
    platter.apply(disk_->log()[position]);
    if ((position + seed_) % stride != 0) continue;
    ++tally.images;
    mount(std::make_shared<Disk>(platter.cut(chance_)));
    const std::string found = complaints({}, world_);
    if (found.empty()) continue;
    ++tally.corrupt;
    this->tell(tell, position + 1, found);
  }
}

void Round::judge(std::size_t position, Files image, Tell tell, Tally& tally) {
  ++tally.images;
  const auto disk = std::make_shared<Disk>(std::move(image));
  const auto corrupt = [&](const std::string& what) {
    ++tally.corrupt;
    this->tell(tell, position, what);
  };
  // The one that may be under way has not been acknowledged.
  const auto next = std::ranges::upper_bound(acknowledged_, position, {}, &Acknowledgement::position);
  const auto end = next == acknowledged_.end() ? next : next + 1;
  const Look bytes = look_at_bytes(world_, disk);
  if (!bytes.trouble.empty()) return corrupt(bytes.trouble);
  const bool is_same = std::any_of(next - 1, end, [&](const auto& known) { return known.bytes == bytes.content; });
  if (is_same && tally.images % whole_every != 0) return;
  const Look rows = look_at_rows(world_);
  if (!rows.trouble.empty()) return corrupt(rows.trouble);
  const auto has_them = [&](const Acknowledgement& known) { return known.rows == rows.content; };
  if (std::any_of(next - 1, end, has_them)) {
    if (const std::string found = complaints({}, world_); !found.empty()) return corrupt(found);
    if (!goes_on()) corrupt("nothing can be stored any more");
  } else if (std::any_of(acknowledged_.begin(), next - 1, has_them)) {
    ++tally.lost;
    this->tell(tell, position, "something that was acknowledged is lost");
  } else {
    corrupt("it holds what was never there");
  }
}

bool Round::goes_on() {
  bool is_stored = false;
  World world(seed_);
  world.random.branch(1);  // the identifiers of the first life are taken
  on_a_thread([&] {
    const auto service = Service::start(world, [](const Result<>&) {}, give_up_on);
    world.titles = 1'000'000;  // of nobody else
    is_stored = service && create(**service).has_value();
  });
  return is_stored && complaints(world.promises, world).empty();
}

void Round::tell(Tell tell, std::size_t position, const std::string& what) {
  if (tell == Tell::violations && ++told_ <= told_max)
    std::cerr << "  seed " << seed_ << ", cut after operation " << position << ": " << what << "\n";
}

}  // namespace paylink::power
