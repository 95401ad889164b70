#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "main/data_dir.hpp"
#include "sql/whole_database.hpp"

namespace paylink::main {

// The directories of data files that are ours alone, by their path.
using TakenDirs = std::map<std::string, std::unique_ptr<DataDir>>;

// A database as `paylink migrate --from` and `--to` name it, which nobody else uses while this lives.
class Place {
 public:
  // `flag` is whose value `name` is: a wrong one is `bad_setting`, which never repeats it, since it may hold a
  // password.
  static Result<std::unique_ptr<Place>> parse(const std::string& flag, const std::string& name, Random& random);
  virtual ~Place() = default;

  // What tells it from every other: sql::WholeDatabase::identity, whether it is there yet or not.
  virtual Result<std::string> identity() = 0;
  // Whether there is anything to read.
  virtual bool exists() const = 0;
  // Fails with `in_use` when a server, or another command, is at it. What is taken together goes into the same `dirs`.
  virtual Result<> take(TakenDirs& dirs) = 0;
  // As it is, for reading, when it exists.
  virtual Result<std::unique_ptr<sql::WholeDatabase>> look(Time now) = 0;
  // Made, brought to this version's schema and opened for writing. As long as that is open, no server starts on it.
  virtual Result<std::unique_ptr<sql::WholeDatabase>> prepare(Time now) = 0;
  // From here on no server starts on what is only read. Fails with `in_use`.
  virtual Result<> close() = 0;
  // As it is, for writing, when it has this version's schema and is closed.
  virtual Result<std::unique_ptr<sql::WholeDatabase>> change(Time now) = 0;
};

}  // namespace paylink::main
