#include "commits.h"

#include <sqlite3.h>

namespace venturi::bench {
namespace {

constexpr const char* tables = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE task_instance (no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, state TEXT,
  end_reason TEXT, end_detail INTEGER NOT NULL, try_number INTEGER NOT NULL, max_tries INTEGER NOT NULL, losses INTEGER NOT NULL,
  id BLOB NOT NULL, token_epoch INTEGER NOT NULL, token_sequence INTEGER NOT NULL, queued_at INTEGER, start_date INTEGER,
  end_date INTEGER, next_try_at INTEGER, pid INTEGER NOT NULL, error TEXT NOT NULL) STRICT;
CREATE TABLE history (run_no INTEGER NOT NULL, batch_no INTEGER NOT NULL, at INTEGER NOT NULL, transitions TEXT NOT NULL,
  PRIMARY KEY (run_no, batch_no)) STRICT, WITHOUT ROWID;
CREATE TABLE xcom (run_no INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (run_no, task_id, map_index, key)) STRICT, WITHOUT ROWID;
)sql";

constexpr std::int64_t moment = 1'790'000'000'000'000;

}  // namespace

Commits::Commits(const std::string& folder, const std::string& name) {
  if (sqlite3_open((folder + "/" + name).c_str(), &db_) != SQLITE_OK)
    throw std::runtime_error("cannot open a database in " + folder);
  sqlite3_extended_result_codes(db_, 1);
  execute(tables);
  const auto prepare = [this](const char* sql, sqlite3_stmt** statement) {
    if (sqlite3_prepare_v2(db_, sql, -1, statement, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  };
  prepare(
      "REPLACE INTO task_instance VALUES (?1, 1, ?2, -1, ?3, NULL, 0, 1, 0, 0, ?4, 8295742012345678, ?1, ?5, ?5, ?5, NULL, "
      "12345, '')",
      &row_);
  prepare("REPLACE INTO xcom VALUES (1, ?1, -1, 'return_value', '1')", &xcom_);
  prepare("INSERT INTO history VALUES (1, ?1, ?2, ?3)", &history_);
  prepare("BEGIN IMMEDIATE", &begin_);
  prepare("COMMIT", &commit_);
}

Commits::~Commits() {
  for (sqlite3_stmt* statement : {row_, xcom_, history_, begin_, commit_}) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void Commits::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
}

void Commits::step(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
  sqlite3_reset(statement);
}

void Commits::write_row(std::int64_t number, const char* state) {
  const std::string task = "task_" + std::to_string(number);
  const std::string id(16, static_cast<char>(number));
  sqlite3_bind_int64(row_, 1, number);
  sqlite3_bind_text(row_, 2, task.data(), static_cast<int>(task.size()), SQLITE_STATIC);
  sqlite3_bind_text(row_, 3, state, -1, SQLITE_STATIC);
  sqlite3_bind_blob(row_, 4, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
  sqlite3_bind_int64(row_, 5, moment + number);
  step(row_);
}

void Commits::write_xcom(std::int64_t number) {
  const std::string task = "task_" + std::to_string(number);
  sqlite3_bind_text(xcom_, 1, task.data(), static_cast<int>(task.size()), SQLITE_STATIC);
  step(xcom_);
}

void Commits::write_history(const std::string& transitions) {
  sqlite3_bind_int64(history_, 1, next_batch_++);
  sqlite3_bind_int64(history_, 2, moment);
  sqlite3_bind_text(history_, 3, transitions.data(), static_cast<int>(transitions.size()), SQLITE_STATIC);
  step(history_);
}

void Commits::one_row() {
  step(begin_);
  write_row(next_++, "success");
  step(commit_);
}

void Commits::tasks(int count) {
  struct Change {
    const char *from, *to, *cause;
  };
  for (const Change& change : {Change{"none", "scheduled", "the run began"}, Change{"scheduled", "queued", "launched as try 1"},
                               Change{"queued", "success", "it succeeded"}}) {
    std::string transitions = "[";
    const bool last = std::string_view(change.to) == "success";
    step(begin_);
    for (std::int64_t number = next_; number < next_ + count; ++number) {
      write_row(number, change.to);
      if (last) write_xcom(number);
      if (transitions.size() > 1) transitions += ',';
      transitions +=
          "[" + std::to_string(number) + ",\"" + change.from + "\",\"" + change.to + "\",1,\"" + change.cause + "\"]";
    }
    write_history(transitions + "]");
    step(commit_);
  }
  next_ += count;
}

}  // namespace venturi::bench
