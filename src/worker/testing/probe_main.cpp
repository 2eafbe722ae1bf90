// A DAG program for the worker's tests, without the SDK: a warm process whose tasks do what their task_id says.
#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/fd.h"
#include "task/frame.h"

extern char** environ;

namespace {

using venturi::Array;
using venturi::Fd;
using venturi::Object;
using venturi::Value;
namespace task = venturi::task;

void nap(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

[[noreturn]] void wait_for_the_end() {
  for (;;) ::pause();
}

struct Task {
  Value ti;
  std::string run_dir;
  int log = 3;
  std::int64_t next_id = 1;

  void write(int fd, const std::string& text) const {
    if (!venturi::write_all(fd, text)) ::_exit(99);
  }
  void log_line(const std::string& event) const { write(log, R"({"event":")" + event + "\"}\n"); }
  void send(const Value& body) { task::write_frame(0, next_id++, body); }
  Value ask(const Value& body) {
    send(body);
    return receive();
  }
  static Value receive() {
    auto frame = task::read_frame(0);
    if (!frame) ::_exit(98);
    return frame->body;
  }
  void send_xcom(const Value& value) {
    send(Object{{"type", "SetXCom"},
                {"key", "return_value"},
                {"value", value},
                {"dag_id", ti.at("dag_id")},
                {"run_id", ti.at("run_id")},
                {"task_id", ti.at("task_id")},
                {"map_index", -1}});
  }
  void succeed(const Value& value = {}) {
    send_xcom(value);
    send(Object{{"type", "SucceedTask"}, {"state", "success"}, {"end_date", "2026-01-01T00:00:00Z"}});
    receive();
    receive();
  }
  void touch(const std::string& name) const {
    const int fd = ::open((run_dir + "/" + name).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    write(fd, std::to_string(::getpid()) + "\n");
    ::close(fd);
  }
  void wait_for(const std::string& name) const {
    // Until somebody's pid stands in it.
    struct stat info{};
    while (::stat((run_dir + "/" + name).c_str(), &info) != 0 || info.st_size == 0) nap(2);
  }
};

// A grandchild in a session of its own that goes on writing.
void leave_a_daemon(const Task& t) {
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      for (;;) {
        t.touch("beats");
        nap(2);
      }
    }
    ::_exit(0);
  }
  t.wait_for("beats");
}

Value surroundings() {
  Array environment, files, limits;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  DIR* dir = ::opendir("/proc/self/fd");
  std::vector<int> numbers;
  while (const dirent* entry = ::readdir(dir)) {
    if (const int fd = std::atoi(entry->d_name); entry->d_name[0] != '.' && fd != ::dirfd(dir)) numbers.push_back(fd);
  }
  ::closedir(dir);
  std::sort(numbers.begin(), numbers.end());
  for (const int fd : numbers) files.emplace_back(fd);
  for (const auto resource : {RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_AS}) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    limits.push_back(Array{Value(limit.rlim_cur), Value(limit.rlim_max)});
  }
  sigset_t blocked;
  ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
  int signals = 0;
  for (int s = 1; s < 32; ++s) {
    struct sigaction action{};
    ::sigaction(s, nullptr, &action);
    signals += (sigismember(&blocked, s) == 1 ? 1 : 0) + (action.sa_handler == SIG_IGN ? 1 : 0);
  }
  return Object{{"environment", std::move(environment)},
                {"files", std::move(files)},
                {"limits", std::move(limits)},
                {"odd_signals", signals},
                {"own_group", ::getpgid(0) == ::getpid()}};
}

void run_callback(const Value& request, Task& t) {
  const Value& callback = request.at("callback_requests").as_array().at(0);
  const Value connection = t.ask(Object{{"type", "GetConnection"}, {"conn_id", "smtp_default"}});
  t.write(1, "callback of " + callback.get_string("type") + " with " + connection.get_string("password") + "\n");
  ::_exit(request.get_string("file").empty() ? 1 : 0);
}

void run() {
  Task t;
  const Value startup = Task::receive();
  if (startup.get_string("type") == "DagFileParseRequest") run_callback(startup, t);
  t.ti = startup.at("ti");
  t.run_dir = startup.get_string("run_dir");
  if (::fcntl(3, F_GETFD) < 0) {
    task::write_frame(0, t.next_id++, Object{{"type", "ResendLoggingFD"}});
    std::string data;
    std::vector<Fd> fds;
    task::FrameReader reader;
    while (!reader.next()) {
      if (venturi::receive_with_fds(0, reader.buffer(), fds) <= 0) ::_exit(97);
    }
    t.log = fds.at(0).release();
  }
  const std::string what = t.ti.get_string("task_id");
  if (what == "hello") {
    t.touch("bodies");
    t.log_line("from the log socket");
    t.write(1, "to stdout\n");
    t.write(2, "to stderr without an end");
    t.succeed(42);
  } else if (what.starts_with("hook:")) {  // methods with commas between them; what they answered is the XCom
    Array answers;
    for (std::size_t at = 5, end = 0; at < what.size(); at = end + 1) {
      end = std::min(what.find(',', at), what.size());
      t.send(Object{{"type", "HostCall"},
                    {"hook", "probe"},
                    {"method", what.substr(at, end - at)},
                    {"conn_id", "test_db"},
                    {"arguments", Object{{"notes", t.run_dir + "/notes"}}}});
      const auto frame = task::read_frame(0);
      if (!frame) ::_exit(98);
      answers.push_back(frame->error.is_null() ? frame->body
                                               : Value("error: " + frame->error.at("detail").get_string("message")));
    }
    t.succeed(std::move(answers));
  } else if (what == "rendered") {  // what its templates asked for is in what they gave
    t.send(Object{{"type", "HostCall"},
                  {"hook", "probe"},
                  {"method", "ask"},
                  {"conn_id", "test_db"},
                  {"arguments", Object{{"notes", t.run_dir + "/notes"}}}});
    const auto frame = task::read_frame(0);
    if (!frame) ::_exit(98);
    t.ask(Object{{"type", "SetRenderedFields"}, {"rendered_fields", frame->body}});
    t.succeed(42);
  } else if (what == "secret") {
    const Value connection = t.ask(Object{{"type", "GetConnection"}, {"conn_id", "test_db"}});
    t.ask(Object{{"type", "MaskSecret"}, {"value", "another-secret"}});
    const std::string password = connection.get_string("password");
    t.write(1, "the password is " + password.substr(0, 5));
    nap(20);
    t.write(1, password.substr(5) + ", and another-secret\n");
    t.log_line("with " + password);
    t.succeed();
  } else if (what == "exit3") {
    ::_exit(3);
  } else if (what == "abort") {
    std::abort();
  } else if (what == "silent") {
    ::_exit(0);
  } else if (what == "rubbish") {
    t.write(0, std::string(16, '\xff'));
    wait_for_the_end();
  } else if (what == "hang") {
    t.touch("bodies");
    t.log_line("hanging");
    wait_for_the_end();
  } else if (what == "stubborn") {
    ::signal(SIGTERM, SIG_IGN);
    if (::fork() == 0) {
      for (;;) {
        t.touch("beats");
        nap(2);
      }
    }
    t.wait_for("beats");
    wait_for_the_end();
  } else if (what == "daemon") {
    leave_a_daemon(t);
    t.touch("bodies");
    wait_for_the_end();
  } else if (what == "wait") {
    t.touch("bodies");
    t.wait_for("go");
    t.write(1, "went on with pass-the-word\n");
    t.touch("written");
    t.succeed(7);
  } else if (what == "line_then_hang") {
    t.touch("bodies");
    t.wait_for("go");
    t.log_line("written while nobody read: pass-the-word");
    t.write(1, "no end of line, pass-the-wo");
    t.touch("written");
    for (int unread = 1; unread > 0;) {  // until the worker took it
      if (::ioctl(1, SIOCOUTQ, &unread) != 0) ::_exit(95);
      nap(2);
    }
    t.touch("taken");
    wait_for_the_end();
  } else if (what == "bytes") {
    for (int i = 0; i < 3000; ++i) t.write(2, "x");
    t.write(2, "\n");
    t.write(1, std::string(200'000, 'y') + "\n");
    t.succeed();
  } else if (what == "surroundings") {
    t.succeed(surroundings());
  } else if (what == "daemon_with_output") {
    leave_a_daemon(t);
    t.succeed();
  } else if (what == "late_daemon") {
    if (::fork() == 0) {
      ::setsid();
      nap(400);
      t.write(1, "from a process left behind\n");
      ::_exit(0);
    }
    t.succeed();
  } else if (what == "succeed_then_hang") {
    t.succeed();
    t.touch("succeeded");
    wait_for_the_end();
  }
  ::_exit(0);
}

[[noreturn]] void child_main(const std::vector<Fd>& fds) {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(96);
  ::setpgid(0, 0);
  for (int i = 0; i < 4; ++i) ::dup2(fds.at(static_cast<std::size_t>(i)).get(), i);
  ::close_range(4, ~0U, 0);
  run();
  ::_exit(0);
}

// "late:<file>": the warm process tells that it forked when this file is there, after all that the task did before.
void wait_where_late(const std::string& ti_id) {
  constexpr std::string_view late = "late:";
  if (!ti_id.starts_with(late)) return;
  while (::access(ti_id.c_str() + late.size(), F_OK) != 0) nap(2);
}

// "die-before:<file>" and "die-after:<file>": the first time, the warm process dies instead of, or after, forking.
bool dies_now(const std::string& ti_id, const std::string& when) {
  if (!ti_id.starts_with(when)) return false;
  const int fd = ::open(ti_id.substr(when.size()).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return fd >= 0;
}

void serve_warm(int threads) {
  task::write_frame(0, 0, Object{{"type", "WarmReady"}, {"version", "1"}, {"pid", ::getpid()}, {"threads", threads}});
  task::FrameReader reader;
  std::vector<Fd> fds;
  for (;;) {
    const auto frame = reader.next();
    if (!frame) {
      if (venturi::receive_with_fds(0, reader.buffer(), fds) <= 0) ::_exit(0);
      continue;
    }
    const std::string ti_id = frame->body.get_string("ti_id");
    if (dies_now(ti_id, "die-before:")) ::raise(SIGKILL);
    clone_args args{};
    args.flags = CLONE_PARENT;
    const long pid = ::syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) child_main(fds);
    if (dies_now(ti_id, "die-after:")) ::raise(SIGKILL);
    wait_where_late(ti_id);
    fds.erase(fds.begin(), fds.begin() + 4);
    task::write_frame(0, frame->id, Object{{"type", "Forked"}, {"ti_id", ti_id}, {"pid", pid}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argv[0];
  if (argc > 1 && std::string(argv[1]) == "--venturi-warm") {
    if (name.ends_with("crashing")) std::abort();
    serve_warm(name.ends_with("threaded") ? 2 : 1);
  } else {
    run();
  }
}
