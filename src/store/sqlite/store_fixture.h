// For the tests: a folder, a cipher and rows with every member set.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/json.h"
#include "store/sqlite/sqlite_store.h"

namespace venturi::store {

// Reversible and far from the clear text; knows what it made.
class TestCipher final : public Cipher {
 public:
  std::string encrypt(std::string_view clear) const override {
    std::string token = "token:";
    for (const char c : clear) {
      token += static_cast<char>('a' + (static_cast<unsigned char>(c) >> 4));
      token += static_cast<char>('A' + (static_cast<unsigned char>(c) & 15));
    }
    return token;
  }
  Result<std::string> decrypt(std::string_view token) const override {
    if (!token.starts_with("token:")) return fail(ErrorKind::corrupt, "not made with this key");
    std::string clear;
    for (std::size_t i = 6; i + 1 < token.size(); i += 2) {
      clear += static_cast<char>((token[i] - 'a') << 4 | (token[i + 1] - 'A'));
    }
    return clear;
  }
};

// As value() of a Result, with the error's text where there is none.
template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Time at(std::int64_t microseconds) {
  return Time(Duration(1'790'000'000'000'000 + microseconds));
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Runs SQL on the file behind the store's back.
inline void raw_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK || sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    const std::string message = sqlite3_errmsg(db);
    sqlite3_close(db);
    throw std::runtime_error(message);
  }
  sqlite3_close(db);
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string name = std::filesystem::temp_directory_path().string() + "/venturi-store-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    path_ = folder_ + "/venturi.db";
  }
  ~StoreTest() override {
    std::error_code ignored;
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(folder_, ignored);
  }

  std::unique_ptr<Store> open() { return need(open_sqlite(path_, cipher_)); }

  std::string folder_, path_;
  TestCipher cipher_;
};

inline std::shared_ptr<const Dag> make_dag(const std::string& dag_id, const std::string& version_id, int tasks = 2) {
  std::string text =
      R"({"__version": 3, "dag": {"dag_id": ")" + dag_id + R"(", "fileloc": "/home/dags/)" + dag_id +
      R"(.cpp", "relative_fileloc": ")" + dag_id +
      R"(.cpp", "timezone": "UTC", "timetable": {"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}, "tasks": [)";
  for (int i = 0; i < tasks; ++i) {
    text += std::string(i > 0 ? ", " : "") + R"({"__type": "operator", "__var": {"task_id": "task_)" + std::to_string(i) +
            R"(", "task_type": "CppTask", "_task_module": "venturi.program"}})";
  }
  Dag dag = need(read_serialized_dag(need(parse_json(text + "]}}"))));
  dag.bundle = "dags-folder";
  dag.relative_fileloc = dag_id + ".cpp";
  dag.fileloc = "/home/dags/" + dag_id + ".cpp";
  dag.program = "/home/cache/" + dag_id;
  dag.version_id = version_id;
  return std::make_shared<const Dag>(std::move(dag));
}

inline Uuid make_id(std::uint8_t seed) {
  Uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(seed + 17 * i);
  return id;
}

inline DagRun make_run(RunNo no, TaskInstanceNo first, std::int32_t created = 2) {
  DagRun run;
  run.no = no;
  run.dag_id = "order_quality";
  run.run_id = "manual__" + std::to_string(no);
  run.run_type = RunType::scheduled;
  run.state = RunState::running;
  run.logical_date = at(1);
  run.data_interval_start = at(2);
  run.data_interval_end = at(3);
  run.run_after = at(4);
  run.queued_at = at(5);
  run.start_date = at(6);
  run.end_date = at(7);
  run.conf = Object{{"limit", 3}, {"name", "Заказы"}};
  run.triggered_by = "anna";
  run.dag_version_id = "v1";
  run.first_task_instance = first;
  run.created_task_instances = created;
  return run;
}

inline TaskInstance make_task_instance(TaskInstanceNo no, RunNo run) {
  TaskInstance ti;
  ti.no = no;
  ti.run = run;
  ti.task_id = "task_" + std::to_string(no);
  ti.map_index = 4;
  ti.state = TaskState::up_for_retry;
  ti.end_reason = EndReason::signal;
  ti.end_detail = 6;
  ti.try_number = 2;
  ti.max_tries = 3;
  ti.losses = 1;
  ti.id = make_id(static_cast<std::uint8_t>(no));
  ti.token = {0xfedcba9876543210, 77};
  ti.queued_at = at(10);
  ti.start_date = at(11);
  ti.end_date = at(12);
  ti.next_try_at = at(13);
  ti.pid = 4321;
  ti.error = "killed by signal 6 (SIGABRT); \"quoted\" – naïve";
  ti.priority_weight = 7;
  ti.deferral = Object{{"next_method", "execute_complete"}, {"next_kwargs", Object{}}};
  return ti;
}

inline OutboxEntry make_outbox_entry(std::int64_t no) {
  OutboxEntry entry;
  entry.no = no;
  entry.run = 1;
  entry.key = "order_quality/manual__1/task_1/-1/2/failure";
  entry.dag_id = "order_quality";
  entry.run_id = "manual__1";
  entry.task_id = "task_1";
  entry.map_index = 2;
  entry.try_number = 3;
  entry.event = "failure";
  entry.context = Object{{"error", "exit code 3"}};
  entry.attempts = 2;
  entry.next_attempt_at = at(20);
  return entry;
}

inline DagState make_dag_state(const std::string& dag_id) {
  return {dag_id, true, at(30), at(31), at(32), at(33), at(34), at(35)};
}

}  // namespace venturi::store
