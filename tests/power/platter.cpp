#include "platter.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace paylink::power {
namespace {

constexpr std::size_t sector = 512;

}  // namespace

Platter::Platter(const Files& files) : names_(count(files).files) {
  for (const auto& [path, number] : names_) inodes_[number].stored = files.at(path);
}

void Platter::put(std::string& bytes, const Operation& operation) {
  const auto offset = static_cast<std::size_t>(operation.offset);
  if (operation.kind == Operation::Kind::truncate) return bytes.resize(offset);
  if (bytes.size() < offset + operation.text.size()) bytes.resize(offset + operation.text.size());
  std::memcpy(bytes.data() + offset, operation.text.data(), operation.text.size());
}

// The write came to the middle of one of its sectors, from its beginning or, as disks do not promise an order, from its
// end.
void Platter::tear(std::string& bytes, const Operation& operation, Chance& chance) {
  const std::size_t begin = static_cast<std::size_t>(operation.offset), end = begin + operation.text.size();
  const std::size_t first = begin / sector, count = (end + sector - 1) / sector - first;
  const std::size_t torn = first + below(chance, count);
  const std::size_t from = std::max(begin, torn * sector), to = std::min(end, (torn + 1) * sector);
  Operation part = operation;
  if (below(chance, 2) == 0)
    part.text.resize(from - begin);
  else {
    part.text.erase(0, to - begin);
    part.offset = static_cast<std::int64_t>(to);
  }
  if (!part.text.empty()) put(bytes, part);
  const std::size_t content = below(chance, 3);
  const std::string_view wanted = std::string_view(operation.text).substr(from - begin, to - from);
  // The old one stays; and what is written as it is already is as safe as the neighbours of a write are.
  if (content == 0 || (to <= bytes.size() && wanted == std::string_view(bytes).substr(from, to - from))) return;
  part.offset = static_cast<std::int64_t>(from);
  part.text.assign(to - from, '\0');
  if (content == 2)
    for (char& byte : part.text) byte = static_cast<char>(chance());
  put(bytes, part);
}

void Platter::rename(Names& names, const NameChange& change) {
  if (change.file < 0)
    names.erase(change.path);
  else
    names[change.path] = change.file;
}

void Platter::sync_names() {
  for (const NameChange& change : name_changes_) rename(names_, change);
  name_changes_.clear();
}

// What is stored before the first change that is not becomes the file.
void Platter::settle(Inode& inode) {
  const auto end =
      std::ranges::find_if(inode.changes, [](const Change& change) { return change.fate != Fate::stored; });
  for (auto change = inode.changes.begin(); change != end; ++change) put(inode.stored, change->operation);
  inode.changes.erase(inode.changes.begin(), end);
}

void Platter::apply(const Operation& operation) {
  using enum Operation::Kind;
  switch (operation.kind) {
    case create:
      inodes_[operation.file];
      return name_changes_.push_back({operation.text, operation.file});
    case remove:
      name_changes_.push_back({operation.text, -1});
      if (operation.directory) sync_names();
      return;
    case write:
    case truncate:
      return inodes_.at(operation.file).changes.push_back({operation, Fate::waiting});
    case sync:
    case failed_sync:
      break;
  }
  Inode& inode = inodes_.at(operation.file);
  for (Change& change : inode.changes)
    if (change.fate == Fate::waiting) change.fate = operation.kind == sync ? Fate::stored : Fate::doubtful;
  settle(inode);
  if (operation.kind == sync && operation.directory) sync_names();
}

Platter::Names Platter::shown_names() const {
  Names names = names_;
  for (const NameChange& change : name_changes_) rename(names, change);
  return names;
}

Numbers Platter::numbers() const { return {shown_names(), inodes_.empty() ? 0 : inodes_.rbegin()->first + 1}; }

Files Platter::shown() const {
  Files files;
  for (const auto& [path, number] : shown_names()) {
    const Inode& inode = inodes_.at(number);
    std::string& bytes = files.emplace(path, inode.stored).first->second;
    for (const Change& change : inode.changes) put(bytes, change.operation);
  }
  return files;
}

Files Platter::cut(Chance& chance) const {
  // How much of what waits gets through is drawn for the whole disk, so that nearly all and nearly nothing come too.
  static constexpr std::array<std::array<unsigned, 2>, 6> percents = {
      {{0, 0}, {100, 0}, {50, 0}, {50, 25}, {10, 10}, {90, 5}}};  // kept, torn
  const auto& [kept, torn] = percents[below(chance, percents.size())];
  Names names = names_;
  for (const NameChange& change : name_changes_)
    if (below(chance, 100) < std::max(kept, 50U)) rename(names, change);
  Files files;
  for (const auto& [path, number] : names) {
    const Inode& inode = inodes_.at(number);
    std::string& bytes = files.emplace(path, inode.stored).first->second;
    for (const auto& [operation, fate] : inode.changes) {
      const std::size_t draw = below(chance, 100);
      if (fate == Fate::stored || draw < kept)
        put(bytes, operation);
      else if (draw < kept + torn && operation.kind == Operation::Kind::write)
        tear(bytes, operation, chance);
    }
  }
  return files;
}

bool Platter::is_waiting() const {
  return !name_changes_.empty() ||
         std::ranges::any_of(inodes_, [](const auto& entry) { return !entry.second.changes.empty(); });
}

}  // namespace paylink::power
