#include "server/deliveries.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "server/execute_task.h"
#include "server/run_paths.h"

namespace venturi::server {
namespace {

// What an SmtpNotifier is not given it takes from its connection, as templates: whether there are any is known to the operator
// host alone, which reads the connection.
bool may_have_templates_of_connection(const Value& notifiers) {
  return std::ranges::any_of(notifiers.as_array(), [](const Value& notifier) {
    if (notifier.get_string("classpath") != "venturi.notifiers.smtp.SmtpNotifier") return false;
    const Value kwargs = notifier.get_value("kwargs");
    return std::ranges::any_of(std::array{"subject", "html_content", "from_email"},
                               [&](const char* name) { return kwargs.get_value(name).is_null(); });
  });
}

// The try that an entry is about, as far as its context tells.
TaskInstance instance_of(const OutboxEntry& entry) {
  TaskInstance ti;
  ti.task_id = entry.task_id;
  ti.map_index = entry.map_index;
  ti.try_number = entry.try_number;
  ti.max_tries = static_cast<int>(entry.context.get_int("max_tries"));
  ti.start_date = parse_time(entry.context.get_string("start_date"));
  return ti;
}

}  // namespace

void Deliveries::deliver(const engine::Deliver& delivery) {
  const std::int64_t no = delivery.entry.no;
  under_way_.insert_or_assign(no, delivery);
  auto body = request(delivery);
  if (!body) return on_result(no, body.error().text());
  (void)worker_.run_callback(no, std::move(*body));  // without a worker it waits for deliver_all()
}

void Deliveries::deliver_all() {
  std::vector<engine::Deliver> list;
  for (const auto& [no, delivery] : under_way_) list.push_back(delivery);
  for (engine::Deliver& delivery : scheduler_.engine().take_due_deliveries()) list.push_back(std::move(delivery));
  for (const engine::Deliver& delivery : list) deliver(delivery);
}

void Deliveries::on_result(std::int64_t no, const std::string& error) {
  if (under_way_.erase(no) == 0) return;
  if (error.empty()) {
    scheduler_.step(engine::OutboxDone{no});
  } else {
    scheduler_.step(engine::OutboxFailed{no, error});
  }
}

// What a function in the DAG's program needs beside what the entry tells, and `templates`: what templates see.
Result<void> Deliveries::add_context(const engine::Deliver& delivery, bool templates, Object& c) {
  const OutboxEntry& entry = delivery.entry;
  const bool of_task = !entry.task_id.empty();
  if (!delivery.dag) {
    return fail(ErrorKind::not_found,
                entry.context.get_bool("function") ? "its callback function cannot run: the DAG is gone"
                                                   : "the templates of its notifier cannot be rendered: the DAG is gone",
                "dag " + entry.dag_id);
  }
  auto run = reader_.run(entry.dag_id, entry.run_id);
  if (!run) return std::unexpected(run.error());
  if (!*run) return fail(ErrorKind::not_found, "its run is gone", "dag " + entry.dag_id + ", run " + entry.run_id);
  c.set("dag_run", dag_run_value(**run));
  c.set("fileloc", delivery.dag->fileloc);
  c.set("relative_fileloc", delivery.dag->relative_fileloc);
  std::optional<TaskInstance> last;
  if (of_task) {
    last = instance_of(entry);  // no look at the run's rows: thousands of its tries may have something to tell
  } else {
    auto rows = reader_.task_instances((*run)->no);
    if (!rows) return std::unexpected(rows.error());
    // The task instance that ended last, as Airflow has it.
    for (TaskInstance& ti : *rows) {
      if (ti.end_date && (!last || *ti.end_date > *last->end_date)) last = std::move(ti);
    }
  }
  const auto task = last ? delivery.dag->find_task(last->task_id) : std::nullopt;
  if (last) {
    Value ti = task_instance_value(*last, **run, "default");
    if (of_task) {
      ti.as_object().set("id", entry.context.get_string("ti_id"));  // of the try that this is about
      c.set("ti", ti);
      c.set("ti_context", run_context({*last, delivery.dag, task.value_or(0), **run, entry.event == "retry"}, {}));
    } else {
      c.set("last_ti", ti);
    }
  }
  if (!templates) return {};
  Value op = task ? delivery.dag->tasks[*task].serialized : Value(Object{});
  op.as_object().set("_template_context", template_context(*delivery.dag, **run));
  c.set("operator", std::move(op));
  return {};
}

// RunCallback of docs/architecture/task-host.md. What the entry's context tells is what messages are made of; what a function
// in the DAG's program, or a template of a notifier, needs beside it is read from the store.
Result<Value> Deliveries::request(const engine::Deliver& delivery) {
  const OutboxEntry& entry = delivery.entry;
  const bool of_task = !entry.task_id.empty();
  Value context = entry.context;
  Object& c = context.as_object();
  const std::string path = of_task ? log_path(entry.dag_id, entry.run_id, entry.task_id, entry.map_index, entry.try_number)
                                   : callback_log_path(entry.dag_id, entry.run_id);
  for (const auto& [key, value] : Object{{"dag_id", entry.dag_id},
                                         {"run_id", entry.run_id},
                                         {"task_id", of_task ? Value(entry.task_id) : Value()},
                                         {"map_index", entry.map_index},
                                         {"try_number", entry.try_number},
                                         {"event", entry.event},
                                         {"log_path", (home_.logs() / path).string()},
                                         {"message", entry.context.get_string("error")}}) {
    c.set(key, value);
  }
  const bool function = entry.context.get_bool("function");
  const Value& notifiers = *entry.context.as_object().find("notifiers");
  const bool templated = has_template(notifiers), of_connection = may_have_templates_of_connection(notifiers);
  if (function || templated || of_connection) {
    const auto added = add_context(delivery, templated || of_connection, c);
    // Without a template of its own, and of its connection, a mail needs no context: it goes out where the DAG is gone.
    if (!added && (function || templated)) return std::unexpected(added.error());
  }
  return Value(Object{{"type", "RunCallback"},
                      {"key", entry.key},
                      {"event", entry.event},
                      {"dag_id", entry.dag_id},
                      {"run_id", entry.run_id},
                      {"task_id", of_task ? Value(entry.task_id) : Value()},
                      {"map_index", entry.map_index},
                      {"try_number", entry.try_number},
                      {"program", delivery.dag ? Value(delivery.dag->program) : Value()},
                      {"function", function},
                      {"notifiers", notifiers},
                      {"log_path", path},
                      {"context", std::move(context)}});
}

}  // namespace venturi::server
