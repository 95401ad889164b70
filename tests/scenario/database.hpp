#pragma once

#include <string>
#include <vector>

namespace paylink::scenario {

// With PAYLINK_TEST_ENGINE=postgres every installation stores on the server that PAYLINK_POSTGRES names.
bool is_on_postgres();

// Where one installation stores: the file of its data directory, or a schema of its own, gone with this.
class Storage {
 public:
  explicit Storage(const std::string& data_dir);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // For the functions below.
  const std::string& name() const { return name_; }
  // How a command is told: --data-dir, and --database where that does not say it all.
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::string schema_;  // "" on SQLite
  std::string name_;
  std::vector<std::string> words_;
};

// What a database holds, and changes that no endpoint offers yet; also while a server has it open. Fails the test when
// the statement fails. A name is a Storage's, or a data file.
std::vector<std::string> column(const std::string& name, const std::string& select);
std::string value(const std::string& name, const std::string& select);  // "" when there is no row
void execute(const std::string& name, const std::string& statements);

// The id as a constant in a statement.
std::string id_literal(const std::string& id);

// Keeps writers of payment links waiting while it is alive; the server's own patience is 5 s.
class Stall {
 public:
  explicit Stall(const std::string& name);
  ~Stall();
  Stall(const Stall&) = delete;
  Stall& operator=(const Stall&) = delete;

 private:
  void* connection_;
};

}  // namespace paylink::scenario
