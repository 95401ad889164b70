// What this disk can do at all: appends 1 KiB to a file and waits for fdatasync, one after the other, for some seconds.
// Usage: append FILE SECONDS. Prints the operations per second.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: append FILE SECONDS\n");
    return 2;
  }
  const int file = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) {
    std::perror(argv[1]);
    return 1;
  }
  std::array<char, 1024> record;
  record.fill('x');

  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(std::strtod(argv[2], nullptr));
  long operations = 0;
  while (Clock::now() < end) {
    if (write(file, record.data(), record.size()) != static_cast<ssize_t>(record.size()) || fdatasync(file) != 0) {
      std::perror(argv[1]);
      return 1;
    }
    ++operations;
  }
  const std::chrono::duration<double> taken = Clock::now() - start;
  std::printf("%.1f\n", static_cast<double>(operations) / taken.count());
  close(file);
  unlink(argv[1]);
  return 0;
}
