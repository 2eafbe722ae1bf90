// Tasks that end in every way there is, wait to be told, and show what is around them.
//
// The variable `folder` names a folder of the test: callbacks write into its file ledger, and tasks wait for files in it.
#include <venturi/dag.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

extern char** environ;

using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::string folder(const Context& context) {
  return context.get_variable("folder");
}

// One write, so that lines of several processes do not mix.
void append(const std::string& path, const std::string& line) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("cannot write " + path);
  ::close(fd);
}

void note(const CallbackContext& context) {
  append(folder(context) + "/ledger", context.dag_id() + " " + context.task_id() + " " + std::string(context.event()) + " " +
                                          std::to_string(context.try_number()) + ": " + context.error() + "\n");
}
void note_dag(const CallbackContext& context) {
  append(folder(context) + "/ledger",
         context.dag_id() + " the DAG " + std::string(context.event()) + ": " + context.error() + "\n");
}

// ---- ends ----

void fine() {}
void throws() {
  throw std::runtime_error("the sky is falling");
}
void exits() {
  ::_exit(7);
}
void aborts() {
  std::abort();
}
void killed() {
  ::raise(SIGKILL);
}
void skips() {
  skip_task("nothing to do today");
}
void fails_for_good() {
  fail_task("no use in trying again");
}
void at_third_try(const Context& context) {
  context.log().info("this is try ", context.try_number());
  if (context.try_number() < 3) throw std::runtime_error("not yet");
}
void at_second_try(const Context& context) {
  if (context.try_number() < 2) throw std::runtime_error("not yet");
}

// ---- waiting ----

// Ends when there is a file of the task's name with ".go" behind it.
void wait(const Context& context) {
  const std::string path = folder(context) + "/" + context.task_id() + ".go";
  context.log().info("waiting for ", path);
  append(folder(context) + "/" + context.task_id() + ".pid", std::to_string(::getpid()) + "\n");
  while (!std::filesystem::exists(path)) ::usleep(20'000);
}

// With a child, a grandchild and one that closed everything and stays in the process group.
void never_ends(const Context& context) {
  const std::string pids = folder(context) + "/group.pids";
  append(pids, std::to_string(::getpid()) + "\n");
  for (int i = 0; i < 2; ++i) {
    if (::fork() == 0) {
      append(pids, std::to_string(::getpid()) + "\n");
      ::signal(SIGTERM, SIG_IGN);  // and does not listen
    }
  }
  for (;;) ::pause();
}

// ---- what is around a task ----

void surroundings(const Context& context) {
  for (char** entry = environ; *entry != nullptr; ++entry) context.log().info("environment ", static_cast<const char*>(*entry));
  for (int fd = 0; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) context.log().info("file ", fd);
  }
  const std::pair<const char*, int> kinds[] = {
      {"core", RLIMIT_CORE}, {"nofile", RLIMIT_NOFILE}, {"as", RLIMIT_AS}, {"cpu", RLIMIT_CPU}};
  for (const auto& [name, kind] : kinds) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(kind), &limit);
    context.log().info("limit ", name, " ", static_cast<std::int64_t>(limit.rlim_cur), " ",
                       static_cast<std::int64_t>(limit.rlim_max));
  }
  context.log().info("group ", ::getpgrp() == ::getpid());
  char text[4096];
  const ssize_t n = ::readlink("/proc/self/cwd", text, sizeof text);
  context.log().info("cwd ", std::string_view(text, n > 0 ? static_cast<std::size_t>(n) : 0));
}

// Shows what must not be seen, in one piece and in several.
void betrays(const Context& context) {
  const Connection connection = context.get_connection("secret_db");
  const std::string half = connection.password.substr(0, 5), rest = connection.password.substr(5);
  context.log().info("the password is ", connection.password);
  context.log().info("in an extra: ", connection.extra);
  for (const std::string& part : {std::string("stdout "), half, rest, std::string(" end\n")})
    if (::write(1, part.data(), part.size()) < 0) throw std::runtime_error("stdout");
  append(folder(context) + "/betrayed", connection.password + "\n");
  context.log().info("the key is ", context.get_variable("api_key"), ", the colour ", context.get_variable("colour"));
  throw std::runtime_error("connecting with " + connection.password + " failed");
}

}  // namespace

VENTURI_DAG(ends, {.is_paused_upon_creation = false}) {
  dag.task<fine>();
  dag.task<throws>();
  dag.task<exits>();
  dag.task<aborts>();
  dag.task<killed>();
  dag.task<skips>();
  dag.task<fails_for_good>({.retries = 3, .retry_delay = 0s});
}
VENTURI_DAG(time_out, {.is_paused_upon_creation = false}) {
  dag.task<never_ends>({.execution_timeout = 1s});
  dag.task<fine>();
}
VENTURI_DAG(retries, {.is_paused_upon_creation = false}) {
  dag.task<at_third_try>("steady", {.retries = 2, .retry_delay = 1s});
  dag.task<at_third_try>("growing", {.retries = 2, .retry_delay = 1s, .retry_exponential_backoff = 2, .max_retry_delay = 3s});
}
VENTURI_DAG(callbacks, {.is_paused_upon_creation = false,
                        .default_args = {.on_execute_callback = note,
                                         .on_failure_callback = note,
                                         .on_success_callback = note,
                                         .on_retry_callback = note,
                                         .on_skipped_callback = note},
                        .on_success_callback = note_dag,
                        .on_failure_callback = note_dag}) {
  dag.task<fine>();
  dag.task<throws>();
  dag.task<killed>();
  dag.task<skips>();
  dag.task<at_second_try>({.retries = 1, .retry_delay = 0s});
}
VENTURI_DAG(good_callbacks,
            {.is_paused_upon_creation = false, .on_success_callback = note_dag, .on_failure_callback = note_dag}) {
  dag.task<fine>();
}
VENTURI_DAG(waiting, {.is_paused_upon_creation = false}) {
  dag.task<wait>("first") >> dag.task<wait>("second");
}
VENTURI_DAG(waiting_once, {.is_paused_upon_creation = false}) {
  dag.task<wait>("alone", {.retries = 0});
  dag.task<wait>("again", {.retry_delay = 0s, .retries_on_loss = 1});
}
VENTURI_DAG(around, {.is_paused_upon_creation = false}) {
  dag.task<surroundings>();
}
VENTURI_DAG(betrayal, {.is_paused_upon_creation = false}) {
  dag.task<betrays>();
}
