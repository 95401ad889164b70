#include "sql/sqlite/mapped_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

#include "base/ensure.hpp"
#include "base/testing.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/whole_database.hpp"

namespace paylink::sql::sqlite {
namespace {

constexpr std::string_view sum_of_all = "SELECT COALESCE(SUM(LENGTH(x)), 0) FROM t";
constexpr std::int64_t row_bytes = 3000;  // one a page

std::unique_ptr<Connection> open(const std::string& path, Mode mode, std::int64_t map_from = 0) {
  auto connection = Connection::open(path, mode, map_from);
  ENSURE(connection.has_value());
  return *std::move(connection);
}

void add_rows(Connection& writer, int count) {
  ENSURE(writer.execute_script("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                               std::to_string(count) + ") INSERT INTO t (x) SELECT zeroblob(" +
                               std::to_string(row_bytes) + ") FROM n"));
}

void check_point(Connection& writer) { ENSURE(writer.execute_script("PRAGMA wal_checkpoint(TRUNCATE)")); }

class MappedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    writer = open(path, Mode::write);
    ENSURE(writer->execute_script("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)"));
    add_rows(*writer, 100);
    check_point(*writer);
  }

  bool is_mapped() const {
    std::ifstream file("/proc/self/maps");
    const std::string maps{std::istreambuf_iterator<char>(file), {}};
    return maps.find(path + "\n") != std::string::npos;
  }

  static Result<std::int64_t> sum(Connection& reader) {
    const Rows rows = TRY(reader.query(sum_of_all, Values{}));
    return rows.front().integer(0);
  }
  // In a transaction of its own.
  static Result<std::int64_t> read_all(Connection& reader) {
    TRY(reader.begin());
    auto read = sum(reader);
    const Commit committed = reader.commit();
    if (read && committed != Commit::done) return Failure{reader.last_error()};
    return read;
  }

  std::string content() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void cut_in_half() const { std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2); }
  void bring_back(const std::string& content) const {
    std::ofstream(path, std::ios::binary | std::ios::in)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }

  SystemRandom random;
  TemporaryDirectory directory{random};
  const std::string path = directory.file("mapped.db");
  std::unique_ptr<Connection> writer;
};

TEST_F(MappedFiles, AreReadWhereTheSystemKeepsThem) {
  EXPECT_EQ(*read_all(*writer), 100 * row_bytes);
  EXPECT_FALSE(is_mapped());  // writers copy: what they change must not be seen before it is committed
  auto reader = open(path, Mode::read);
  EXPECT_EQ(*read_all(*reader), 100 * row_bytes);
  EXPECT_TRUE(is_mapped());
  reader.reset();
  EXPECT_FALSE(is_mapped());
}

TEST_F(MappedFiles, GrowAndShrinkUnderTheirReaders) {
  const auto reader = open(path, Mode::read);
  const auto other = open(path, Mode::read);
  const auto pages_before = unreadable_pages();
  std::int64_t rows = 100;
  for (const int change : {1, 2000, -2000, 500, -600, 1}) {
    SCOPED_TRACE(change);
    ASSERT_TRUE(reader->begin());
    EXPECT_EQ(*sum(*reader), rows * row_bytes);
    if (change > 0)
      add_rows(*writer, change);
    else
      ASSERT_TRUE(writer->execute_script("DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id DESC LIMIT " +
                                         std::to_string(-change) + "); VACUUM"));
    EXPECT_EQ(*sum(*reader), rows * row_bytes);  // as of when its transaction began
    EXPECT_EQ(reader->commit(), Commit::done);
    rows += change;
    EXPECT_EQ(*read_all(*other), rows * row_bytes);
    check_point(*writer);
    EXPECT_EQ(*read_all(*reader), rows * row_bytes);
    EXPECT_EQ(*read_all(*other), rows * row_bytes);
  }
  EXPECT_EQ(unreadable_pages(), pages_before);
}

// Of a small one the readers' caches hold what is asked for, and the process stays as small.
TEST_F(MappedFiles, AreLargeOnes) {
  constexpr std::int64_t large = 1 << 20;
  const auto reader = open(path, Mode::read, large);
  EXPECT_EQ(*read_all(*reader), 100 * row_bytes);
  add_rows(*writer, 500);
  check_point(*writer);
  EXPECT_EQ(*read_all(*reader), 600 * row_bytes);
  EXPECT_FALSE(is_mapped());
  for (int time = 0; time < 1024; ++time) ASSERT_TRUE(reader->begin() && reader->commit() == Commit::done);
  EXPECT_EQ(*read_all(*reader), 600 * row_bytes);
  EXPECT_TRUE(is_mapped());
}

// A page the disk does not give up, as one beyond the file's end is: SIGBUS, which would end the process.
TEST_F(MappedFiles, FailTheReadsOfAPageThatCannotBeRead) {
  const auto reader = open(path, Mode::read);
  const auto other = open(path, Mode::read);
  add_rows(*writer, 1);  // stays in the log, which then says how long the file is
  ASSERT_EQ(*read_all(*reader), 101 * row_bytes);
  ASSERT_TRUE(other->begin());
  ASSERT_EQ(*sum(*other), 101 * row_bytes);

  const std::string before = content();
  const auto pages_before = unreadable_pages();
  cut_in_half();
  const auto refused = read_all(*reader);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "storage_unavailable");
  EXPECT_GT(unreadable_pages(), pages_before);

  bring_back(before);
  EXPECT_FALSE(sum(*other).has_value());  // it may have read zeros since its transaction began
  EXPECT_EQ(other->commit(), Commit::refused);
  for (Connection* const connection : {reader.get(), other.get()}) {
    const auto read = read_all(*connection);  // copied now: where the page was, the mapping has zeros
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(*read, 101 * row_bytes);
  }
}

TEST_F(MappedFiles, AreNotReadBeyondTheirEnd) {
  add_rows(*writer, 1);
  const auto pages_before = unreadable_pages();
  cut_in_half();
  const auto reader = open(path, Mode::read);
  EXPECT_FALSE(read_all(*reader).has_value());
  EXPECT_EQ(unreadable_pages(), pages_before);
}

TEST_F(MappedFiles, LeaveEveryOtherBusErrorToWhoeverWasAsked) {
  const auto reader = open(path, Mode::read);
  const std::string empty = directory.file("empty");
  const int file = ::open(empty.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const auto* const beyond = static_cast<char*>(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0));
  ::close(file);
  ASSERT_NE(beyond, MAP_FAILED);
  const auto has_ended_badly = [](int status) { return WIFSIGNALED(status) || WEXITSTATUS(status) != 0; };
  EXPECT_EXIT(_exit(*static_cast<const volatile char*>(beyond)), has_ended_badly, "");
}

// Whoever opens and closes a file takes away the locks that the process has on it, by POSIX.
TEST_F(MappedFiles, KeepTheLocksOfOthers) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(*read_all(*open(path, Mode::read)), 100 * row_bytes);
  const pid_t child = fork();
  if (child == 0) _exit(is_open_elsewhere(path) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "nobody seems to have the file open";
}

TEST_F(MappedFiles, AreSharedByThreads) {
  constexpr int threads = 4, times = 25;
  std::atomic<int> right{0};
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::thread> readers;
  for (int i = 0; i < threads; ++i) {
    // Opened one after the other: of those opened while others close SQLite may use a descriptor again, unmapped.
    Connection* const reader = connections.emplace_back(open(path, Mode::read)).get();
    readers.emplace_back([&right, reader] {
      for (int time = 0; time < times; ++time) {
        const auto sum = read_all(*reader);
        if (sum && *sum >= 100 * row_bytes && *sum % row_bytes == 0) ++right;
      }
    });
  }
  for (int i = 0; i < times; ++i) {
    add_rows(*writer, 10);
    ASSERT_TRUE(writer->execute_script("PRAGMA wal_checkpoint"));
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(is_mapped());
  EXPECT_EQ(right, threads * times);
}

TEST_F(MappedFiles, AreLeftToWhoeverPutsADiskOfItsOwnBeneath) {
  ASSERT_NE(mapped_files(), nullptr);
  sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
  sqlite3_vfs other = *usual;
  other.zName = "another disk";
  ASSERT_EQ(sqlite3_vfs_register(&other, 1), SQLITE_OK);
  EXPECT_EQ(mapped_files(), nullptr);
  ASSERT_EQ(sqlite3_vfs_register(usual, 1), SQLITE_OK);
  ASSERT_EQ(sqlite3_vfs_unregister(&other), SQLITE_OK);
  EXPECT_NE(mapped_files(), nullptr);
}

}  // namespace
}  // namespace paylink::sql::sqlite
