#include "operators/movers.h"

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "base/clone_sibling.h"
#include "base/errno_error.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "operators/outcome_of.h"

namespace venturi::operators {
namespace {

using Kind = Outcome::Kind;

constexpr std::size_t fds_of_a_fork = 4;  // requests, stdout, stderr, log

// glibc keeps the thread's id in memory and only its own fork() sets it anew; raise() and abort() use it.
void correct_thread_id() {
  int* address = nullptr;
  if (::prctl(PR_GET_TID_ADDRESS, &address) == 0 && address != nullptr) *address = static_cast<int>(::syscall(SYS_gettid));
}

[[noreturn]] void child_main(const Registry& registry, std::vector<Fd>& fds, pid_t parent) {
  correct_thread_id();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(96);
  ::setpgid(0, 0);
  for (int i = 0; i < static_cast<int>(fds_of_a_fork); ++i) {
    if (::dup2(fds[static_cast<std::size_t>(i)].get(), i) < 0) ::_exit(97);
  }
  if (::syscall(SYS_close_range, 4U, ~0U, 0U) != 0) ::_exit(98);
  ::_exit(run_mover(registry, 0, Fd(3)));
}

std::optional<Value> fetch(MoverTry& t, const Value& wanted) {
  if (const Value* conn_id = wanted.get("connection")) return connection_for_templates(t.connection(conn_id->as_string()));
  if (const Value* key = wanted.get("variable")) {
    auto text = read_variable(t.ask(get_variable(key->as_string())));
    if (!text) return std::nullopt;
    if (is_sensitive_name(key->as_string())) t.log.add_secrets(std::vector{*text});
    return std::move(*text);
  }
  if (const Value* xcom = wanted.get("xcom")) return read_answer(t.ask(message_for(*xcom)));
  if (const Value* question = wanted.get("question")) return read_question_answer(t.ask(*question));
  if (wanted.get("template_file") != nullptr) return read_template_file(wanted);
  return t.ask(previous_success(t.facts));
}

void render_all(MoverTry& t, TemplatedArguments& templates) {
  while (const auto wanted = templates.render()) templates.answer(*wanted, fetch(t, *wanted));
}

// As Host::name_instance().
std::exception_ptr name_instance(MoverTry& t, TemplatedArguments& templates) {
  try {
    std::string name;
    while (const auto wanted = templates.render_map_index(name)) templates.answer(*wanted, fetch(t, *wanted));
    if (!name.empty()) t.tell({rendered_map_index(t.log, name)});
  } catch (const Stopped&) {
    throw;
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

Value xcom_of(MoverTry& t, const Registry& registry) {
  const std::string task_type = t.op.get_string("task_type");
  const OperatorEntry* entry = registry.find_operator(task_type);
  if (entry == nullptr || entry->move == nullptr) {
    throw TaskFailedForGood("there is no built-in operator " + task_type + " that moves data; there are " +
                            registry.operator_names());
  }
  for (const std::string& key : t.facts.xcoms_to_clear) (void)t.ask(delete_xcom(t.facts, key));
  Arguments arguments(entry->arguments, t.op);
  std::optional<TemplatedArguments> templates;
  if (t.template_details) {
    templates.emplace(entry->arguments, entry->template_ext, t.op, *t.template_details, arguments);
    render_all(t, *templates);
  }
  for (const XComRef& ref : arguments.xcom_refs()) arguments.resolve(ref, read_xcom(t.ask(get_xcom(t.facts, ref))));
  if (templates) t.tell({rendered_fields(t.log, templates->rendered())});
  arguments.check();
  const std::exception_ptr unnamed = templates ? name_instance(t, *templates) : nullptr;
  Value xcom = entry->move(t, arguments);
  if (unnamed) std::rethrow_exception(unnamed);
  return xcom;
}

void tell(MoverTry& t, const Outcome& outcome) {
  const std::string error = t.log.mask(outcome.error);
  switch (outcome.kind) {
    case Kind::success: {
      std::vector<Value> messages;
      if (!outcome.xcom.is_null() && t.op.get_bool("do_xcom_push", true)) {
        messages.push_back(set_xcom(t.facts, "return_value", outcome.xcom));
      }
      messages.push_back(succeed_task());
      return t.tell(messages);
    }
    case Kind::skipped:
      t.log.info(error);
      return t.tell({task_state("skipped")});
    case Kind::rescheduled:  // sensors move no data
    case Kind::failed:
    case Kind::failed_for_good:
    case Kind::stopped: {
      t.log.error(error);
      const bool retry = t.facts.should_retry && outcome.kind == Kind::failed;
      return t.tell({retry ? retry_task(error) : task_state("failed", error)});
    }
  }
}

// As the worker expects of a task that it wanted to end.
int end_by_term() {
  ::signal(SIGTERM, SIG_DFL);
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::kill(::getpid(), SIGTERM);
  ::sigprocmask(SIG_UNBLOCK, &term, nullptr);
  return 128 + SIGTERM;
}

void answer(int control, const task::Frame& request, const Value& body) {
  task::write_frame(control, request.id, body);
}

}  // namespace

int count_threads() {
  std::FILE* const file = std::fopen("/proc/self/status", "re");
  if (file == nullptr) return 1;
  char line[256];
  int threads = 1;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, "Threads:", 8) == 0) threads = std::atoi(line + 8);
  }
  std::fclose(file);
  return threads;
}

int run_mover(const Registry& registry, int requests, Fd log) {
  try {
    const StopSignal stop;
    const auto first = task::read_frame(requests);
    if (!first) return 0;
    MoverTry t(first->body, requests, std::move(log), stop);
    Outcome outcome;
    try {
      outcome.xcom = xcom_of(t, registry);
    } catch (const Stopped&) {
      t.log.warning("it was asked to stop");
      return end_by_term();
    } catch (...) {
      outcome = outcome_of(std::current_exception());
    }
    tell(t, outcome);
    return 0;
  } catch (const Stopped&) {
    return end_by_term();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "venturi-operators: %s\n", e.what());
    return 1;
  }
}

int serve_movers(const Registry& registry, Fd control) {
  task::write_frame(
      control.get(), 0,
      Object{{"type", "WarmReady"}, {"version", VENTURI_VERSION}, {"pid", ::getpid()}, {"threads", count_threads()}});
  task::FrameReader reader;
  std::vector<Fd> fds;
  for (;;) {
    const auto frame = reader.next();
    if (!frame) {
      const long n = receive_with_fds(control.get(), reader.buffer(), fds);
      if (n == 0) return 0;
      if (n < 0) throw errno_error("the control socket");
      continue;
    }
    const std::string ti_id = frame->body.get_string("ti_id");
    if (frame->body.get_string("type") != "ForkTask" || fds.size() < fds_of_a_fork) {
      answer(control.get(), *frame,
             Object{{"type", "ForkFailed"}, {"ti_id", ti_id}, {"error", "that was no ForkTask with four descriptors"}});
      continue;
    }
    const pid_t parent = ::getppid();
    const long pid = clone_sibling();
    if (pid == 0) child_main(registry, fds, parent);
    const int error = errno;
    fds.erase(fds.begin(), fds.begin() + fds_of_a_fork);
    if (pid > 0) {
      answer(control.get(), *frame, Object{{"type", "Forked"}, {"ti_id", ti_id}, {"pid", pid}});
    } else {
      answer(control.get(), *frame,
             Object{{"type", "ForkFailed"}, {"ti_id", ti_id}, {"error", std::string("clone: ") + std::strerror(error)}});
    }
  }
}

}  // namespace venturi::operators
