// Answers what tasks ask and say: the messages of Airflow's supervisor protocol (ToSupervisor), as the Task Execution API
// would answer them over HTTP.
//
// A question is answered from the store at once. A write goes into the open batch and is answered when that is durable, so that
// a task which was told "success" is one after any crash. What cannot be found is an ErrorResponse in the answer's body, as
// Airflow's SDK expects; a refused call is one in its error.
//
// XComs that are too large for the metadata are written, read and cut into items by the thread of XComFiles; meanwhile what
// their try says waits in its order, and everybody else goes on (task_host_xcoms.cpp).
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/lookups.h"
#include "server/program_questions.h"
#include "server/scheduler.h"
#include "server/xcom_files.h"
#include "store/store.h"
#include "venturi/value.h"

namespace venturi::schedule {
class TimeZones;
}

namespace venturi::server {

struct Reply {
  Value body, error;
  std::string packed = {};  // instead of a body: a whole PackedAnswer (docs/architecture/task-host.md)
};
using OnReply = std::function<void(Reply)>;

struct NewXCom {
  store::XComKey key;
  std::string text;           // JSON, or the name of a file (store::file_of_xcom)
  const char* type = "null";  // the words of Value::type_name
  std::int64_t length = -1;   // of a list or dict
};
struct LargeXCom;  // task_host_large_xcoms.cpp

class TaskHost {
 public:
  struct Options {
    std::int64_t max_xcom_in_metadata = 1 << 20;
    std::int64_t max_xcom_bytes = 64 << 20;
    std::int64_t max_map_length = 1024;
    const schedule::TimeZones* zones = nullptr;  // UTC alone
    AskTimetable ask_timetable = {};             // of the user's
  };
  // All of these outlive it.
  TaskHost(Scheduler& scheduler, store::Reader& reader, const Lookups& lookups, XComFiles& files, Options options)
      : scheduler_(scheduler), reader_(reader), lookups_(lookups), files_(files), options_(std::move(options)) {}
  ~TaskHost() { *alive_ = false; }
  TaskHost(const TaskHost&) = delete;
  TaskHost& operator=(const TaskHost&) = delete;

  // A message of the try that this token names. `reply` is called once, now or later.
  void message(LaunchToken token, const Value& body, const OnReply& reply);
  // The same of a large message of this type, which is in msgpack still.
  void packed_message(LaunchToken token, const std::string& type, std::string packed, const OnReply& reply);
  // A message of a callback, which may only ask.
  void callback_message(const Value& body, const OnReply& reply);
  // The try's process has ended.
  void exited(LaunchToken token, const Value& exit, const std::function<void()>& done);

 private:
  // task_host_questions.cpp: nothing where the message is no question.
  std::optional<Reply> question(const std::string& type, const Value& body);
  Reply get_connection(const Value& body);
  Reply get_variable(const Value& body);
  Reply get_variable_keys(const Value& body);
  Reply get_xcom_count(const Value& body);
  Reply get_dag_run(const Value& body, bool state_only);
  Reply get_reschedule_start(const Value& body, LaunchToken token);
  // The last run before this one, by logical date, that succeeded; all nulls where there is none.
  Reply get_previous_success(LaunchToken token);
  Result<std::optional<DagRun>> find_run(const Value& body);

  // task_host_runs.cpp: about other DAGs and their runs.
  std::optional<Reply> question_about_runs(const std::string& type, const Value& body);
  Reply get_run_count(const Value& body);
  Reply get_task_count(const Value& body);
  Reply get_task_states(const Value& body);
  Reply get_dag(const Value& body);
  Reply get_previous_run(const Value& body);
  void get_latest_only_window(LaunchToken token, const OnReply& reply);
  [[nodiscard]] std::optional<Reply> each_task_instance(const Value& body,
                                                        const std::function<void(const DagRun&, const TaskInstance&)>& call);
  void trigger_dag_run(LaunchToken token, const Value& body, const OnReply& reply);

  // task_host_assets.cpp
  std::optional<Reply> question_about_assets(const std::string& type, const Value& body);
  Reply get_asset(const store::AssetFilter& filter);
  Reply get_assets_by_alias(const std::string& name);
  Reply get_asset_events(const std::string& type, const Value& body);
  [[nodiscard]] Result<std::optional<std::int64_t>> alias_number(const std::string& name);
  [[nodiscard]] Result<Value> consumed_events(const DagRun& run);
  [[nodiscard]] std::shared_ptr<const Dag> version(const std::string& version_id);

  // task_host.cpp: writes.
  [[nodiscard]] std::optional<Reply> write(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> outcome(LaunchToken token, const std::string& type, const Value& body);
  std::optional<Reply> defer(LaunchToken token, Time at, const Value& body);
  void set_xcom(LaunchToken token, const Value& body, const OnReply& reply);
  // Into the batch, with what the engine knows of it; a refusal where tasks are mapped over what is no list.
  std::optional<Reply> add_xcom(LaunchToken token, NewXCom xcom);
  void answer_xcom(LaunchToken token, std::optional<Reply> refused, const OnReply& reply);
  [[nodiscard]] std::string what_is_missing(LaunchToken token);
  // "rendered_map_index" of an outcome or of SetRenderedMapIndex, where there is one.
  void name_instance(LaunchToken token, const Value& body);
  [[nodiscard]] bool is_mapped_over(LaunchToken token, const std::string& key) const;
  [[nodiscard]] bool counts(LaunchToken token) const;

  // task_host_xcoms.cpp: those that may be in files. False: it is no such question.
  bool xcom_question(const std::string& type, const Value& body, const OnReply& reply);
  void get_xcom(const Value& body, const OnReply& reply);
  void get_xcom_item(const store::XComKey& key, std::int64_t item, std::int64_t most, const OnReply& reply);
  // Of the instances of a mapped task, in order of their map_index.
  void get_xcom_sequence_item(const Value& body, const OnReply& reply);
  void get_xcom_sequence_slice(const Value& body, const OnReply& reply);
  void get_xcom_sequence_page(const Value& body, const OnReply& reply);
  void answer_sequence(const store::XComKey& key, std::vector<std::string> texts, std::int64_t size,
                       std::optional<std::int64_t> next, const OnReply& reply);
  void read_list(const store::XComKey& key, const std::filesystem::path& path, const std::function<void(const Error*)>& then);
  void forget_list_when_idle();
  // task_host_large_xcoms.cpp: what is written into files.
  void set_large_xcom(LaunchToken token, std::shared_ptr<const std::string> packed, const OnReply& reply);
  void on_large_xcom(LaunchToken token, const std::shared_ptr<const std::string>& packed, LargeXCom& made,
                     const OnReply& reply);
  // The file of the row that is about to be replaced or deleted goes when that is durable.
  void let_file_go(const store::XComKey& key);
  // True where a write of this try has to wait for one that is being written into a file: it is kept, and done after it.
  bool waits_in_line(LaunchToken token, std::function<void()> call);
  void next_in_line(LaunchToken token);

  Scheduler& scheduler_;
  store::Reader& reader_;
  const Lookups& lookups_;
  XComFiles& files_;
  Options options_;
  // Tries whose XCom was refused, and why: there is no success without the XComs that were sent before it.
  std::map<LaunchToken, std::string> refused_;
  // Tries that asked for a run, and which: one that asks again, before the answer, gets the same.
  std::map<LaunchToken, std::string> triggered_;
  // Tries of which a large XCom is being written, and what they said since.
  std::map<LaunchToken, std::deque<std::function<void()>>> lines_;
  std::string disk_trouble_;                 // the last one told
  std::shared_ptr<const Dag> last_version_;  // that was read from the store
  // The last list that was asked for item by item, by many instances of a mapped task: from the metadata, or from a file.
  struct {
    store::XComKey key;
    std::optional<Value> value;
    std::filesystem::path path;
    std::shared_ptr<const std::string> bytes;
    std::vector<std::string_view> items;  // of bytes
    bool used = false, timer = false;
  } list_;
  std::map<std::filesystem::path, std::vector<std::function<void(const Error*)>>> reading_lists_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Of the messages about XComs. Throws ValueError where it is not complete.
[[nodiscard]] store::XComKey xcom_key(const Value& body);
[[nodiscard]] Reply refusal(std::string_view error_type, std::string message);
[[nodiscard]] Reply of_error(const Error& error);
// As an answer's body: what a task may handle.
[[nodiscard]] Reply not_found(std::string_view error_type, Object detail);

}  // namespace venturi::server
