// XComs that somebody else than a task writes.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "server/commands.h"

namespace venturi::server {
namespace {

constexpr std::size_t largest = std::size_t{1} << 20;  // tasks write larger ones, into files

struct Address {
  store::XComKey key;
  std::string where;
};

Address address_of(const Value& command) {
  store::XComKey key{command.at("dag_id").as_string(), command.at("run_id").as_string(), command.at("task_id").as_string(),
                     static_cast<std::int32_t>(command.get_int("map_index", -1)), command.at("key").as_string()};
  std::string where = fmt::format("dag {}, run {}, task {}", key.dag_id, key.run_id, key.task_id);
  return {std::move(key), std::move(where)};
}

std::int32_t length_of(const Value& value) {
  if (value.is_array()) return static_cast<std::int32_t>(value.as_array().size());
  return value.is_object() ? static_cast<std::int32_t>(value.as_object().size()) : -1;
}

// How many instances a task of an active run has was settled by the XCom that was there.
Result<void> check_is_free(Scheduler& scheduler, const Task* task, const Address& at) {
  const bool is_mapped_over = task != nullptr && std::ranges::find(task->mapped_keys, at.key.key) != task->mapped_keys.end();
  if (!is_mapped_over || !scheduler.engine().is_active(at.key.dag_id, at.key.run_id)) return {};
  return fail(ErrorKind::conflict, fmt::format("tasks of the running run are mapped over XCom '{}'", at.key.key), at.where,
              "change it when the run has ended, and clear what is mapped over it");
}

const Task* task_of(const std::shared_ptr<const Dag>& dag, const std::string& task_id) {
  if (!dag) return nullptr;
  const auto index = dag->find_task(task_id);
  return index ? &dag->tasks[*index] : nullptr;
}

}  // namespace

void Commands::set_xcom(const Value& command, const OnResult& on_result) {
  Address at = address_of(command);
  const auto run = reader_.run(at.key.dag_id, at.key.run_id);
  if (!run) return on_result(std::unexpected(run.error()));
  if (!*run) return on_result(fail(ErrorKind::not_found, "there is no such run", at.where));
  const auto stored = reader_.xcom(at.key);
  if (!stored) return on_result(std::unexpected(stored.error()));
  const bool replace = command.get_bool("replace");
  if (*stored && !replace)
    return on_result(fail(ErrorKind::conflict, "there is an XCom '" + at.key.key + "' already", at.where));
  if (!*stored && replace) return on_result(fail(ErrorKind::not_found, "there is no XCom '" + at.key.key + "'", at.where));
  const auto dag = reader_.dag_version((*run)->dag_version_id);
  if (!dag) return on_result(std::unexpected(dag.error()));
  const Task* task = task_of(*dag, at.key.task_id);
  if (auto free = check_is_free(scheduler_, task, at); !free) return on_result(std::unexpected(std::move(free.error())));
  const Value* given = command.as_object().find("value");
  const Value value = given == nullptr ? Value() : *given;
  std::string text = to_json(value);
  if (text.size() > largest)
    return on_result(fail(ErrorKind::invalid,
                          fmt::format("XCom '{}' has {} bytes, more than {}", at.key.key, text.size(), largest), at.where,
                          "let a task write what is so large"));
  std::optional<std::int32_t> length;
  if (task != nullptr && std::ranges::find(task->mapped_keys, at.key.key) != task->mapped_keys.end()) length = length_of(value);
  store::Batch& batch = scheduler_.writes();
  std::erase(batch.deleted_xcoms, at.key);  // a batch writes first and deletes then
  batch.xcoms.push_back({std::move(at.key), std::move(text), (*run)->no, length});
  done(on_result);
}

void Commands::delete_xcom(const Value& command, const OnResult& on_result) {
  Address at = address_of(command);
  const auto run = reader_.run(at.key.dag_id, at.key.run_id);
  if (!run) return on_result(std::unexpected(run.error()));
  const auto stored = reader_.xcom(at.key);
  if (!stored) return on_result(std::unexpected(stored.error()));
  if (!*run || !*stored) return on_result(fail(ErrorKind::not_found, "there is no XCom '" + at.key.key + "'", at.where));
  const auto dag = reader_.dag_version((*run)->dag_version_id);
  if (!dag) return on_result(std::unexpected(dag.error()));
  if (auto free = check_is_free(scheduler_, task_of(*dag, at.key.task_id), at); !free)
    return on_result(std::unexpected(std::move(free.error())));
  scheduler_.writes().deleted_xcoms.push_back(std::move(at.key));
  done(on_result);
}

}  // namespace venturi::server
