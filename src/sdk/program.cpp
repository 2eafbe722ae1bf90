#include "sdk/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "sdk/light.h"
#include "sdk/task_run.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr int exit_usage = 2;

bool is_socket(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

// The requests of this process, out of the way of what the user's code starts: a command that reads its input must not read the
// supervisor's answers.
Fd take_standard_input() {
  Fd requests(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!requests) return Fd(STDIN_FILENO);
  if (const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC)); null) ::dup2(null.get(), STDIN_FILENO);
  return requests;
}

// Ends without exit(): what the program's own objects do at their end is nothing to do while threads use them.
[[noreturn]] void serve_light(const DagBag& dags, int threads) {
  int status = 0;
  // A log or command that nobody reads any more is no reason to end all. A handler, which commands do not inherit, as they
  // would SIG_IGN.
  std::signal(SIGPIPE, [](int) {});
  try {
    auto* const process = new LightProcess(dags, take_standard_input(), threads);  // its destructor would wait for its tries
    process->run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "the light process cannot go on: %s\n", e.what());
    status = 1;
  }
  ::_exit(status);
}

int usage(const char* name) {
  std::fprintf(
      stderr,
      "%s: a DAG program is started by Venturi's server and worker, or by Airflow with --comm=HOST:PORT --logs=HOST:PORT; "
      "without arguments it tells which DAGs it has\n",
      name);
  return exit_usage;
}

}  // namespace

int serve_request(const DagBag& dags, Fd requests, Fd log) {
  detail::LogSink sink(std::move(log));
  Comms comms(std::move(requests));
  try {
    Value first = comms.receive_startup();
    const std::string type = first.get_string("type");
    if (type == "DagFileParseRequest") {
      const Value* callbacks = first.get("callback_requests");
      if (callbacks == nullptr || callbacks->as_array().empty()) {
        (void)comms.ask(describe(dags, first));
        return 0;
      }
    } else if (type == "AnswerQuestions") {
      (void)comms.ask(answer_questions(dags, first));
      return 0;
    } else if (type != "StartupDetails") {
      sink.write(LogLevel::error, "the supervisor began with \"" + type +
                                      "\", which this program does not know; use a Venturi that fits its SDK");
      return exit_usage;
    }
    if (sink.fd() < 0) sink.set(comms.ask_log_socket());
    if (type == "DagFileParseRequest") return run_callback_requests(dags, comms, sink, first);
    return TaskRun(dags, comms, sink, std::move(first)).run();
  } catch (const std::exception& e) {
    // The supervisor is gone or talks rubbish: what is left to do is to say so and end.
    sink.write(LogLevel::error, e.what());
    return 1;
  }
}

int program_main(int argc, char** argv) {
  DagBag dags;
  make_dags(dags);
  std::string comm, logs;
  bool warm = false;
  int light_threads = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == warm_argument)
      warm = true;
    else if (argument.starts_with(light_argument))
      light_threads = std::max(1, std::atoi(argument.data() + std::string_view(light_argument).size()));
    else if (argument.starts_with("--comm="))
      comm = argument.substr(7);
    else if (argument.starts_with("--logs="))
      logs = argument.substr(7);
    else
      return usage(argv[0]);
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // lines of the user's are in the log as they are printed
  if (warm) return serve_warm(dags);
  if (light_threads > 0) serve_light(dags, light_threads);
  if (!comm.empty() && !logs.empty()) return serve_coordinator(dags, comm, logs);
  if (!comm.empty() || !logs.empty()) return usage(argv[0]);
  if (!is_socket(STDIN_FILENO)) return tell_about(dags, argv[0]);
  return serve_request(dags, take_standard_input(), Fd());
}

}  // namespace venturi::inline sdk::internal
