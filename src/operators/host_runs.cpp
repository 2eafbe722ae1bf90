// What happens between the start of a try, or of a notifier, and its end: the coroutines of the host.
#include <cstdio>
#include <exception>

#include "operators/host.h"
#include "operators/outcome.h"
#include "operators/render.h"
#include "operators/sensor.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;
using Kind = Outcome::Kind;

// An XCom that may be refused for its size ([core] max_xcom_bytes) is answered before the try may succeed. Smaller ones go back
// to back with the success.
constexpr std::size_t surely_taken = 256UL << 10U;

// Members of an operator that are there for people and for templates.
constexpr const char* shown_only[] = {"_template_context",
                                      "template_fields",
                                      "template_ext",
                                      "_task_module",
                                      "ui_color",
                                      "ui_fgcolor",
                                      "_needs_expansion",
                                      "_is_sensor",
                                      "_can_skip_downstream",
                                      "has_retry_policy",
                                      "retries",
                                      "retry_delay",
                                      "retry_exponential_backoff",
                                      "max_retry_delay",
                                      "execution_timeout",
                                      "pool",
                                      "pool_slots",
                                      "priority_weight",
                                      "weight_rule",
                                      "trigger_rule",
                                      "queue",
                                      "doc_md",
                                      "start_date",
                                      "end_date",
                                      "depends_on_past",
                                      "wait_for_downstream"};

// What the operator may still look at while it runs. Of its arguments only those whose type says more than their value.
Value without_what_was_read(Value op, const OperatorEntry& entry) {
  Object& members = op.as_object();
  for (const char* name : shown_only) members.erase(name);
  for (const Argument& argument : entry.arguments) {
    if (argument.type != ArgumentType::any) members.erase(argument.name);
  }
  return op;
}

bool pushes(const OperatorTry& t) {
  return t.op.get_bool("do_xcom_push", true);
}
bool is_large(const OperatorTry& t, const Value& xcom) {
  return bytes_of(xcom) > surely_taken && pushes(t);
}

}  // namespace

asio::awaitable<void> Host::run_try(std::shared_ptr<OperatorTry> t, const OperatorEntry* entry) {
  Value xcom;
  std::exception_ptr failed;
  try {
    check_runs_here(*t, entry);
    xcom = co_await co_await prepare(*t, *entry);
    if (t->unnamed) std::rethrow_exception(t->unnamed);
    if (is_large(*t, xcom)) co_await push_large(*t, xcom);
  } catch (...) {
    failed = std::current_exception();
  }
  finish(*t, std::move(xcom), failed);
}

asio::awaitable<Value> Host::run_prepared(OperatorTry& t, const OperatorEntry& entry, Arguments arguments) {
  return entry.poke != nullptr ? run_sensor(t, entry, std::move(arguments)) : entry.run(t, std::move(arguments));
}

void Host::check_runs_here(const OperatorTry& t, const OperatorEntry* entry) const {
  if (entry != nullptr && entry->move == nullptr) return;
  const std::string task_type = t.op.get_string("task_type");
  if (entry != nullptr)
    throw TaskFailedForGood(task_type + " moves data: it runs in a process of its own, not in the operator host");
  throw TaskFailedForGood("there is no built-in operator " + task_type + "; there are " + registry_.operator_names());
}

// Gives what runs the operator then. A coroutine of its own: what only the preparation needs, above all the context of
// templates, is gone while the operator waits.
asio::awaitable<asio::awaitable<Value>> Host::prepare(OperatorTry& t, const OperatorEntry& entry) {
  for (const std::string& key : t.facts.xcoms_to_clear) {
    if (key != entry.remembers) (void)co_await t.host.ask(delete_xcom(t.facts, key));
  }
  if (!entry.remembers.empty() && (t.facts.try_number > 1 || !t.facts.xcoms_to_clear.empty())) {
    XComRef own{.task_id = t.facts.task_id, .key = std::string(entry.remembers), .map_index = t.facts.map_index};
    t.remembered = read_xcom(co_await t.host.ask(get_xcom(t.facts, own)));
  }
  Value op = t.op.whole();
  Arguments arguments(entry.arguments, op);
  const auto details =
      TemplateDetails::of(entry.keeps_context ? t.template_details : std::exchange(t.template_details, {}), op);
  std::optional<TemplatedArguments> templates;
  if (details) {
    templates.emplace(entry.arguments, entry.template_ext, op, *details, arguments);
    co_await render_all(t.host, t.facts, *templates);
  }
  co_await resolve_xcoms(t, arguments);
  if (templates) t.host.tell(rendered_fields(t.log, templates->rendered()));
  arguments.check();
  if (templates) t.unnamed = co_await name_instance(t, *templates);
  if (!entry.keeps_context) t.op.replace(without_what_was_read(std::move(op), entry));
  co_return run_prepared(t, entry, std::move(arguments));
}

asio::awaitable<void> Host::push_large(OperatorTry& t, Value& xcom) {
  t.memory.take(bytes_of(xcom), "the result");
  (void)co_await t.host.ask(set_xcom(t.facts, "return_value", std::exchange(xcom, {})));
}

// By its map_index_template. As in Airflow a template that cannot be rendered fails the try, if nothing else does: gives that
// error.
asio::awaitable<std::exception_ptr> Host::name_instance(OperatorTry& t, TemplatedArguments& templates) {
  try {
    const std::string name = co_await render_map_index(t.host, t.facts, templates);
    if (!name.empty()) t.host.tell(rendered_map_index(t.log, name));
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

asio::awaitable<void> Host::resolve_xcoms(OperatorTry& t, Arguments& arguments) {
  for (const XComRef& ref : arguments.xcom_refs()) {
    const Value answer = co_await t.host.ask(get_xcom(t.facts, ref));
    arguments.resolve(ref, read_xcom(answer));
  }
}

void Host::finish(OperatorTry& t, Value xcom, const std::exception_ptr& failed) {
  const Outcome outcome = failed ? outcome_of(failed) : Outcome{};
  if (t.cancelled) {
    t.log.error(t.cancelled->why + "; it was cancelled");
    return report(t, t.cancelled->as, t.cancelled->why);
  }
  const std::string error = t.log.mask(outcome.error);
  switch (outcome.kind) {
    case Kind::success:
      if (!xcom.is_null() && pushes(t)) t.host.tell(set_xcom(t.facts, "return_value", std::move(xcom)));
      t.host.tell(succeed_task());
      break;
    case Kind::skipped:
      t.log.info(error);
      t.host.tell(task_state("skipped"));
      break;
    case Kind::rescheduled:
      t.log.info("Rescheduling task, marking task as UP_FOR_RESCHEDULE");
      t.host.tell(reschedule_task(outcome.reschedule_date));
      break;
    case Kind::failed:
    case Kind::failed_for_good:
    case Kind::stopped:
      t.log.error(error);
      if (t.facts.should_retry && outcome.kind != Kind::failed_for_good) {
        t.host.tell(retry_task(error));
      } else {
        t.host.tell(task_state("failed", error));
      }
      break;
  }
  report(t, "ok", outcome.kind == Kind::skipped || outcome.kind == Kind::rescheduled ? std::string() : error);
}

// `error` of a try that told its failure is what the server shows as the reason.
void Host::report(OperatorTry& t, const std::string& kind, const std::string& error) {
  const TaskHost::Sender& token = t.host.sender();
  const auto found = tries_.find({*token.epoch, token.number});
  if (found == tries_.end()) return;  // given up before
  const auto keep = std::move(found->second);
  tries_.erase(found);
  t.host.close();
  t.deadline.reset();
  const std::string& told = error.empty() ? t.log.trouble() : error;
  link_.send(0, Object{{"type", "OperatorExited"},
                       {"token", t.host.id()},
                       {"exit", Object{{"kind", kind}, {"detail", 0}, {"error", told.empty() ? Value() : Value(told)}}}});
  end_if_done();
}

// Of a notifier, in the context of the task that it is about; of a DAG's, of the task that ended last. The server sends that
// where it sees a template.
asio::awaitable<void> Host::render_templates(Notification& n, const NotifierEntry& entry, Arguments& arguments) {
  const auto context = NotificationDetails::of(n);
  if (!context) co_return;
  static const std::vector<std::string_view> no_files;  // as Airflow's notifiers
  TemplatedArguments templates(entry.arguments, no_files, context->op, context->details, arguments);
  co_await render_all(n.host, context->facts, templates);
}

asio::awaitable<void> Host::run_notification(std::shared_ptr<Notification> n, const NotifierEntry* entry, Value kwargs) {
  std::string error;
  try {
    if (entry == nullptr) throw TaskFailedForGood("there is no built-in notifier " + n->classpath);
    Arguments arguments(entry->arguments, kwargs);
    co_await render_templates(*n, *entry, arguments);
    arguments.check();
    co_await entry->notify(*n, std::move(arguments));
  } catch (...) {
    error = outcome_of(std::current_exception()).error;
    if (error.empty()) error = "it failed without saying why";
  }
  report(*n, n->cancelled ? n->cancelled->why : n->log.mask(error));
}

void Host::report(Notification& n, const std::string& error) {
  const auto found = notifications_.find(n.frame);
  if (found == notifications_.end()) return;
  const auto keep = std::move(found->second);
  notifications_.erase(found);
  n.host.close();
  n.deadline.reset();
  const bool ok = error.empty();
  link_.send(n.frame, Object{{"type", "CallbackResult"}, {"no", n.no}, {"ok", ok}, {"error", ok ? Value() : Value(error)}});
  end_if_done();
}

}  // namespace venturi::operators
