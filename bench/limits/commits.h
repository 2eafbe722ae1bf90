// SQLite as Venturi uses it: WAL, synchronous=FULL, the table task_instance of src/store/sqlite/schema.cpp with its neighbours.
#pragma once

#include <string>

#include "measure.h"

struct sqlite3;
struct sqlite3_stmt;

namespace venturi::bench {

class Commits {
 public:
  Commits(const std::string& folder, const std::string& name);
  ~Commits();
  Commits(const Commits&) = delete;
  Commits& operator=(const Commits&) = delete;

  // One row of task_instance, committed.
  void one_row();
  // What `count` tasks leave behind from trigger to success: each row written when its task is made, when it is launched, and
  // when it has succeeded, then with an XCom; the transitions in one text a batch. Three transactions.
  void tasks(int count);

 private:
  void execute(const char* sql);
  void write_row(std::int64_t number, const char* state);
  void write_xcom(std::int64_t number);
  void write_history(const std::string& transitions);
  void step(sqlite3_stmt* statement);

  sqlite3* db_ = nullptr;
  sqlite3_stmt *row_ = nullptr, *xcom_ = nullptr, *history_ = nullptr, *begin_ = nullptr, *commit_ = nullptr;
  std::int64_t next_ = 1, next_batch_ = 1;
};

}  // namespace venturi::bench
