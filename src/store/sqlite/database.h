// One SQLite connection, its statements and transactions. Nothing here knows our tables.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sqlite/columns.h"

namespace venturi::store {

class Database {
 public:
  enum class Access { read_only, read_write };
  static constexpr int busy_timeout_ms = 5000;

  // The file must exist. Errors name it and say what to do; a file that is no database is noticed here already.
  [[nodiscard]] static Result<Database> open(const std::string& path, Access access, int cache_kib);

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Runs statements that give no rows.
  [[nodiscard]] Result<void> execute(const char* sql);
  // The first column of the first row.
  [[nodiscard]] Result<std::int64_t> integer(const char* sql);
  [[nodiscard]] Result<std::string> text(const char* sql);

  // What the last call on this connection that failed means for the user. `doing`: "writing a batch".
  [[nodiscard]] Error error(std::string_view doing) const;

 private:
  struct Close {
    // _v2: statements that are still alive keep the connection until they are finalized too.
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

// What an extended SQLite result code means: its kind, words, and what to do. system_errno is 0 where it does not matter.
[[nodiscard]] Error sqlite_error(int code, std::string_view message, int system_errno, const std::string& path,
                                 std::string_view doing);

// A statement that is compiled at its first use and kept. A failure of any step, compiling included, shows as ok() == false.
class Statement {
 public:
  Statement(const Database& db, std::string sql) : db_(db.handle()), sql_(std::move(sql)) {}

  // Begins anew with these values as ?1, ?2, ... Texts are not copied: they must live until the last step.
  template <class... Values>
  Statement& bind(const Values&... values) {
    if (begin()) {
      int index = 0;
      code_ = SQLITE_OK;
      ((code_ = code_ == SQLITE_OK ? bind_value(statement_.get(), ++index, values) : code_), ...);
    }
    return *this;
  }
  // The same with as many as there are.
  template <class T>
  Statement& bind_list(const std::vector<T>& values) {
    if (begin()) {
      int index = 0;
      code_ = SQLITE_OK;
      for (const T& value : values) code_ = code_ == SQLITE_OK ? bind_value(statement_.get(), ++index, value) : code_;
    }
    return *this;
  }
  // True: there is a row, to be read through row(). False: the end, or a failure.
  [[nodiscard]] bool next();
  // Steps to the end. False on a failure.
  [[nodiscard]] bool run();
  [[nodiscard]] bool ok() const { return code_ == SQLITE_OK; }
  [[nodiscard]] Columns row() const { return Columns(statement_.get()); }
  // Ends a read that was not carried on to its last row.
  void reset();

 private:
  bool begin();

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* db_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int code_ = SQLITE_OK;
};

// Rolls back at its end unless commit() succeeded. The three statements are the owner's, so that they stay compiled.
class Transaction {
 public:
  struct Statements {
    explicit Statements(const Database& db) : begin(db, "BEGIN IMMEDIATE"), commit(db, "COMMIT"), rollback(db, "ROLLBACK") {}
    Statement begin, commit, rollback;
  };

  Transaction(const Database& db, Statements& statements)
      : db_(db.handle()), statements_(statements), begun_(statements.begin.bind().run()) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] bool commit() { return statements_.commit.bind().run(); }

 private:
  sqlite3* db_;
  Statements& statements_;
  bool begun_;
};

}  // namespace venturi::store
