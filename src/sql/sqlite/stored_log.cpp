#include "sql/sqlite/stored_log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paylink::sql::sqlite {
namespace {

constexpr sqlite3_int64 chunk_bytes = 1 << 16;  // SQLite writes less than 128 KiB at once

constexpr int log_head_bytes = 32, index_part_bytes = 32'768;
constexpr std::size_t frame_head_bytes = 24, salt_bytes = 8;

template <typename Number>
Number native_number(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

std::uint32_t number_at(const char* bytes, std::endian order) {
  const auto number = native_number<std::uint32_t>(bytes);
  return order == std::endian::native ? number : __builtin_bswap32(number);
}

struct Checksum {
  std::uint32_t first = 0, second = 0;

  bool operator==(const Checksum&) const = default;
  void add(std::string_view bytes, std::endian order) {
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first += number_at(bytes.data() + i, order) + second;
      second += number_at(bytes.data() + i + 4, order) + first;
    }
  }
};

Checksum stored_checksum(const char* bytes) {
  return {number_at(bytes, std::endian::big), number_at(bytes + 4, std::endian::big)};
}

// Where a log goes on, and what its next frame has to be like.
struct End {
  std::endian order;  // of checksums
  std::size_t page_bytes;
  std::uint32_t frames;  // before it
  Checksum checksum;     // of all that is before it
  std::string salt;      // of this log; the one before it, in the same file, had another
};

// Of the last commit that connections see, as the index says, which they share.
End read_index(const char* bytes) {
  const std::size_t page_bytes = native_number<std::uint16_t>(bytes + 14);
  return {bytes[13] != 0 ? std::endian::big : std::endian::little,
          (page_bytes & 0xFE00U) + ((page_bytes & 1U) << 16),
          native_number<std::uint32_t>(bytes + 16),
          {native_number<std::uint32_t>(bytes + 24), native_number<std::uint32_t>(bytes + 28)},
          std::string(bytes + 32, salt_bytes)};
}

// Of a log's head; absent where it is none.
std::optional<End> read_head(const char* bytes) {
  constexpr std::uint32_t magic = 0x377F0682;  // or the next number
  const std::uint32_t kind = number_at(bytes, std::endian::big);
  if ((kind & ~1U) != magic) return std::nullopt;
  const std::uint32_t page_bytes = number_at(bytes + 8, std::endian::big);
  if (!std::has_single_bit(page_bytes) || page_bytes < 512 || page_bytes > 65'536) return std::nullopt;
  End end{(kind & 1U) != 0 ? std::endian::big : std::endian::little,
          page_bytes,
          0,
          {},
          std::string(bytes + 16, salt_bytes)};
  end.checksum.add({bytes, log_head_bytes - sizeof(Checksum)}, end.order);
  const bool is_whole = end.checksum == stored_checksum(bytes + log_head_bytes - sizeof(Checksum));
  return is_whole ? std::optional(end) : std::nullopt;
}

// Each log that begins in place of another has the next number as the first half of its salt.
bool is_before(const End& head, const End& index) {
  constexpr std::uint32_t logs_without_a_head = 1'000;  // whose head was never written
  const std::uint32_t ahead =
      number_at(index.salt.data(), std::endian::big) - number_at(head.salt.data(), std::endian::big);
  return ahead > 0 && ahead < logs_without_a_head;
}

}  // namespace

int store_again(sqlite3_file& file) {
  const sqlite3_io_methods& methods = *file.pMethods;
  sqlite3_int64 size = 0;
  if (const int code = methods.xFileSize(&file, &size); code != SQLITE_OK) return code;
  if (size == 0) return SQLITE_OK;
  std::vector<char> bytes(static_cast<std::size_t>(std::min(size, chunk_bytes)));
  for (sqlite3_int64 at = 0; at < size; at += chunk_bytes) {
    const int count = static_cast<int>(std::min(size - at, chunk_bytes));
    if (const int code = methods.xRead(&file, bytes.data(), count, at); code != SQLITE_OK) return code;
    if (const int code = methods.xWrite(&file, bytes.data(), count, at); code != SQLITE_OK) return code;
  }
  return methods.xSync(&file, SQLITE_SYNC_NORMAL);
}

bool holds_another_commit(sqlite3_file& database, sqlite3_file& log) {
  volatile void* shared = nullptr;
  const int mapped = database.pMethods->xShmMap(&database, 0, index_part_bytes, 0, &shared);
  char head[log_head_bytes];
  if (mapped != SQLITE_OK || shared == nullptr) return true;
  if (const int code = log.pMethods->xRead(&log, head, log_head_bytes, 0); code != SQLITE_OK)
    return code != SQLITE_IOERR_SHORT_READ;
  End end = read_index(const_cast<const char*>(static_cast<volatile char*>(shared)));
  if (end.frames == 0) {  // the index of a log without a commit does not say what it is like
    const auto written = read_head(head);
    if (!written || is_before(*written, end)) return false;
    end = *written;
  }
  std::vector<char> frame(frame_head_bytes + end.page_bytes);
  const std::string_view frame_head(frame.data(), frame_head_bytes),
      page(frame.data() + frame_head_bytes, end.page_bytes);
  for (std::uint32_t number = end.frames;; ++number) {
    const auto frame_bytes = static_cast<sqlite3_int64>(frame.size());
    const sqlite3_int64 at = log_head_bytes + number * frame_bytes;
    const int code = log.pMethods->xRead(&log, frame.data(), static_cast<int>(frame_bytes), at);
    if (code == SQLITE_IOERR_SHORT_READ) return false;
    if (code != SQLITE_OK) return true;
    end.checksum.add(frame_head.substr(0, 8), end.order);
    end.checksum.add(page, end.order);
    if (frame_head.substr(8, salt_bytes) != end.salt || stored_checksum(frame.data() + 16) != end.checksum)
      return false;
    if (number_at(frame.data() + 4, std::endian::big) != 0) return true;  // the file's size after a commit, in pages
  }
}

}  // namespace paylink::sql::sqlite
