#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/ensure.hpp"

namespace paylink::json {

enum class Type : std::uint8_t { null, boolean, number, text, array, object };

std::string_view type_name(Type type);  // with its article: "a string", "null"

namespace detail {

enum class NumberKind : std::uint8_t { signed_integer, unsigned_integer, binary64 };

// One value of a document; the values are kept in document order, each followed by what is inside it.
struct Node {
  std::string_view key;      // of an object's member
  std::string_view text;     // of a string, unescaped
  std::uint64_t bits = 0;    // of a number, as its kind says; 0 or 1 of a boolean
  std::uint32_t parent = 0;  // index; the root is its own
  std::uint32_t end = 0;     // index after the last value inside
  std::uint32_t size = 0;    // elements or members
  Type type = Type::null;
  NumberKind kind = NumberKind::signed_integer;
};

}  // namespace detail

class Children;

// A view of one value: cheap to copy, valid as long as its Document. Asking for what it is not is a bug (ENSURE).
class Value {
 public:
  Value(const detail::Node* nodes, const detail::Node* node) : nodes_(nodes), node_(node) {}

  Type type() const { return node_->type; }
  bool is_null() const { return node_->type == Type::null; }

  bool boolean() const {
    ENSURE(type() == Type::boolean);
    return node_->bits != 0;
  }
  std::string_view text() const {
    ENSURE(type() == Type::text);
    return node_->text;
  }
  // A number written without fraction and exponent that fits; else absent.
  std::optional<std::int64_t> integer() const;
  // A number as the shortest decimal that reads back as the same binary64, without an exponent (up to 330 characters).
  // This is where a binary64 becomes exact: 0.1 is "0.1" from here on. Integers are given as they are.
  std::string decimal() const;

  std::size_t size() const { return node_->size; }        // elements or members; 0 for anything else
  std::string_view key() const { return node_->key; }     // of an object's member
  Children children() const;                              // elements or members, in document order
  std::optional<Value> find(std::string_view key) const;  // a member of an object

  // Where this is in its document: a JSON pointer (RFC 6901), empty for the root.
  std::string pointer() const;

 private:
  friend class Children;
  const detail::Node* nodes_;
  const detail::Node* node_;
};

class Children {
 public:
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const detail::Node* nodes, const detail::Node* node) : nodes_(nodes), node_(node) {}
    Value operator*() const { return {nodes_, node_}; }
    Iterator& operator++() {
      node_ = nodes_ + node_->end;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return node_ == other.node_; }

   private:
    const detail::Node* nodes_ = nullptr;
    const detail::Node* node_ = nullptr;
  };

  Iterator begin() const { return {nodes_, node_ + 1}; }
  Iterator end() const { return {nodes_, nodes_ + node_->end}; }

 private:
  friend class Value;
  Children(const detail::Node* nodes, const detail::Node* node) : nodes_(nodes), node_(node) {}
  const detail::Node* nodes_;
  const detail::Node* node_;
};

inline Children Value::children() const { return {nodes_, node_}; }

// A member of that type, of what may be anything: absent when it is no object, has none, or one of another type.
std::optional<Value> member(Value value, std::string_view key, Type type);

// `key` as one step of a JSON pointer: with the slash, '~' and '/' escaped.
void append_pointer_step(std::string& pointer, std::string_view key);

}  // namespace paylink::json
