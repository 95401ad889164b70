#include "json/document.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "json/locate.hpp"

namespace paylink::json {

using detail::Node;
using detail::NumberKind;
namespace dom = simdjson::dom;

struct Document::Storage {
  dom::parser parser;
  std::vector<Node> nodes;
  std::vector<std::string_view> keys;  // scratch
};

// The parsers of a thread that no document holds.
struct Document::Pool {
  static constexpr std::size_t kept = 4;
  // What a large text has made a parser grow to is not kept for the small ones.
  static constexpr std::size_t largest_kept_bytes = 64 * 1024;
  static constexpr std::size_t largest_kept_nodes = 16 * 1024;

  std::vector<std::unique_ptr<Storage>> idle;
};

Document::Pool& Document::pool() {
  thread_local Pool pool;
  return pool;
}

Document::Lease Document::lease() {
  auto& idle = pool().idle;
  if (idle.empty()) return Lease(new Storage);
  Lease storage(idle.back().release());
  idle.pop_back();
  return storage;
}

void Document::GiveBack::operator()(Storage* storage) const noexcept {
  std::unique_ptr<Storage> returned(storage);
  auto& idle = pool().idle;
  if (idle.size() >= Pool::kept || returned->parser.capacity() > Pool::largest_kept_bytes ||
      returned->nodes.capacity() > Pool::largest_kept_nodes)
    return;
  if (idle.capacity() == 0) idle.reserve(Pool::kept);
  idle.push_back(std::move(returned));
}

Document::Document(Lease storage) : storage_(std::move(storage)) {}

Value Document::root() const { return {storage_->nodes.data(), storage_->nodes.data()}; }

namespace {

Failure malformed(std::string where, const std::string& detail) {
  Failure failure =
      fail(ErrorCode::invalid_input, "malformed_json", "The body is not acceptable JSON: " + detail + ".");
  failure.error().faults.push_back(
      {.code = "malformed_json", .where = std::move(where), .detail = failure.error().message});
  return failure;
}

Failure malformed(std::string_view text, const Limits& limits) {
  std::string detail = locate_fault(text, limits);
  if (detail.empty()) detail = "it cannot be read";
  return malformed(std::string{}, detail);
}

// Copies what simdjson has parsed into nodes, checking on the way what it does not.
class Copier {
 public:
  Copier(std::vector<Node>& nodes, std::vector<std::string_view>& keys, const Limits& limits)
      : nodes_(nodes), keys_(keys), limits_(limits) {
    nodes_.clear();
  }

  enum class Fault : std::uint8_t { none, too_deep, duplicate_key };

  Fault copy(dom::element element) { return value(element, {}, 0, 0); }
  // Of the object with a duplicate key.
  const Node& object() const { return nodes_[object_]; }
  std::string_view duplicate_key() const { return duplicate_key_; }
  // The number of the node that has it for the second time.
  std::size_t duplicate_member() const {
    std::size_t member = object_ + 1;
    for (int seen = 0;; member = nodes_[member].end)
      if (nodes_[member].key == duplicate_key_ && ++seen == 2) return member;
  }

 private:
  std::uint32_t next_index() const { return static_cast<std::uint32_t>(nodes_.size()); }

  Fault value(dom::element element, std::string_view key, std::uint32_t parent, std::size_t depth) {
    const std::uint32_t index = next_index();
    Node& node = nodes_.emplace_back();
    node.key = key;
    node.parent = parent;
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        break;
      case dom::element_type::BOOL:
        node.type = Type::boolean;
        node.bits = bool(element) ? 1 : 0;
        break;
      case dom::element_type::INT64:
        set_number(node, NumberKind::signed_integer, std::bit_cast<std::uint64_t>(std::int64_t(element)));
        break;
      case dom::element_type::UINT64:
        set_number(node, NumberKind::unsigned_integer, std::uint64_t(element));
        break;
      case dom::element_type::DOUBLE:
        set_number(node, NumberKind::binary64, std::bit_cast<std::uint64_t>(double(element)));
        break;
      case dom::element_type::STRING:
        node.type = Type::text;
        node.text = std::string_view(element);
        break;
      case dom::element_type::ARRAY:
        return array(element, index, depth + 1);
      case dom::element_type::OBJECT:
        return object(element, index, depth + 1);
    }
    node.end = next_index();
    return Fault::none;
  }

  static void set_number(Node& node, NumberKind kind, std::uint64_t bits) {
    node.type = Type::number;
    node.kind = kind;
    node.bits = bits;
  }

  Fault array(dom::array array, std::uint32_t index, std::size_t depth) {
    if (depth > limits_.depth) return Fault::too_deep;
    nodes_[index].type = Type::array;
    std::uint32_t size = 0;
    for (const dom::element element : array) {
      if (const Fault fault = value(element, {}, index, depth); fault != Fault::none) return fault;
      ++size;
    }
    nodes_[index].size = size;
    nodes_[index].end = next_index();
    return Fault::none;
  }

  Fault object(dom::object object, std::uint32_t index, std::size_t depth) {
    if (depth > limits_.depth) return Fault::too_deep;
    nodes_[index].type = Type::object;
    std::uint32_t size = 0;
    for (const dom::key_value_pair member : object) {
      if (const Fault fault = value(member.value, member.key, index, depth); fault != Fault::none) return fault;
      ++size;
    }
    nodes_[index].size = size;
    nodes_[index].end = next_index();
    if (limits_.duplicate_keys == DuplicateKeys::kept || !find_duplicate(index)) return Fault::none;
    object_ = index;
    return Fault::duplicate_key;
  }

  // Pairwise in a small object; sorted in a large one, which could otherwise cost a square of its size.
  bool find_duplicate(std::uint32_t index) {
    constexpr std::size_t small = 16;
    const Value object{nodes_.data(), &nodes_[index]};
    keys_.clear();
    for (const Value member : object.children()) {
      const std::string_view key = member.key();
      if (object.size() <= small && std::ranges::find(keys_, key) != keys_.end()) {
        duplicate_key_ = key;
        return true;
      }
      keys_.push_back(key);
    }
    if (object.size() <= small) return false;
    std::ranges::sort(keys_);
    const auto twice = std::ranges::adjacent_find(keys_);
    if (twice == keys_.end()) return false;
    duplicate_key_ = *twice;
    return true;
  }

  std::vector<Node>& nodes_;
  std::vector<std::string_view>& keys_;
  const Limits& limits_;
  std::uint32_t object_ = 0;
  std::string_view duplicate_key_;
};

}  // namespace

Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  if (text.empty() || text.size() > limits.bytes) return malformed(text, limits);
  Lease storage = lease();
  dom::parser& parser = storage->parser;
  // Grow in powers of two, so that a slowly growing series of texts does not allocate each time.
  const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(text.size(), 4096));
  if (parser.capacity() < capacity && parser.allocate(capacity) != simdjson::SUCCESS)
    return fail(ErrorCode::unavailable, "out_of_memory", "There is no memory to read the body.");
  dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return malformed(text, limits);

  Copier copier(storage->nodes, storage->keys, limits);
  switch (copier.copy(root)) {
    case Copier::Fault::none:
      break;
    case Copier::Fault::too_deep:
      return malformed(text, limits);
    case Copier::Fault::duplicate_key: {
      const Value object{storage->nodes.data(), &copier.object()};
      std::string where = object.pointer();
      append_pointer_step(where, copier.duplicate_key());
      return malformed(std::move(where), locate_duplicate_key(text, copier.duplicate_member(), limits));
    }
  }
  return Document(std::move(storage));
}

}  // namespace paylink::json
