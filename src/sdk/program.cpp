#include "sdk/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string_view>

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
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == warm_argument)
      warm = true;
    else if (argument.starts_with("--comm="))
      comm = argument.substr(7);
    else if (argument.starts_with("--logs="))
      logs = argument.substr(7);
    else
      return usage(argv[0]);
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // lines of the user's are in the log as they are printed
  if (warm) return serve_warm(dags);
  if (!comm.empty() && !logs.empty()) return serve_coordinator(dags, comm, logs);
  if (!comm.empty() || !logs.empty()) return usage(argv[0]);
  if (!is_socket(STDIN_FILENO)) return tell_about(dags, argv[0]);
  return serve_request(dags, take_standard_input(), Fd());
}

}  // namespace venturi::inline sdk::internal
