#include "lanes/child_process.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/errno_error.h"
#include "base/vfork.h"

namespace venturi::lanes {

namespace {

// Everything that the child needs between clone and exec, made beforehand: it may only make system calls there.
struct Prepared {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  int standard_input = -1, output = -1;
  rlim_t memory = 0, cpu = 0, file = 0;
  pid_t parent = 0;
  int error = 0;
};

VENTURI_IN_VFORK_CHILD int fail_child(Prepared* p) {
  p->error = errno;
  return 127;
}

VENTURI_IN_VFORK_CHILD bool limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

// Limits set on a process that already runs would come too late.
VENTURI_IN_VFORK_CHILD int child_main(void* argument) {
  auto* p = static_cast<Prepared*>(argument);
  if (::setpgid(0, 0) != 0) return fail_child(p);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail_child(p);
  if (::getppid() != p->parent) return 127;
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);  // two belong to libc: refused
  // dup2 of a descriptor on itself would leave it close-on-exec; the parent's are above 2 unless it closed its own.
  if (::dup2(p->standard_input, 0) < 0 || ::dup2(p->output, 1) < 0 || ::dup2(p->output, 2) < 0) return fail_child(p);
  if (::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) != 0) return fail_child(p);
  if (::chdir(p->directory) != 0) return fail_child(p);
  if (!limit(RLIMIT_CORE, 0)) return fail_child(p);
  if (p->memory != 0 && !limit(RLIMIT_AS, p->memory)) return fail_child(p);
  if (p->cpu != 0 && !limit(RLIMIT_CPU, p->cpu)) return fail_child(p);
  if (p->file != 0 && !limit(RLIMIT_FSIZE, p->file)) return fail_child(p);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // A program that was just written counts as open for writing while a child of somebody else, made in that moment, has not
  // executed its own.
  for (int attempt = 0; attempt < 100; ++attempt) {
    ::execve(p->program, p->arguments, p->environment);
    if (errno != ETXTBSY) break;
    const timespec a_moment{0, 1'000'000};
    ::nanosleep(&a_moment, nullptr);
  }
  return fail_child(p);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Moves fd above 2, so that dup2 in the child cannot overwrite it.
Fd above_standard(Fd fd) {
  if (fd.get() > 2) return fd;
  Fd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!moved) throw errno_error("fcntl F_DUPFD_CLOEXEC");
  return moved;
}

// Keeps the beginning and the end of what is too long.
class Output {
 public:
  explicit Output(std::size_t limit) : half_(limit / 2) {}
  void add(std::string_view text) {
    if (const std::size_t room = half_ - head_.size(); room > 0) {
      head_ += text.substr(0, room);
      text.remove_prefix(std::min(room, text.size()));
    }
    tail_ += text;
    if (tail_.size() > 2 * half_) {
      left_out_ += tail_.size() - half_;
      tail_.erase(0, tail_.size() - half_);
    }
  }
  [[nodiscard]] std::string text() const {
    if (left_out_ == 0) return head_ + tail_;
    return head_ + "\n[" + std::to_string(left_out_) + " bytes left out]\n" + tail_;
  }

 private:
  std::size_t half_;
  std::string head_, tail_;
  std::size_t left_out_ = 0;
};

}  // namespace

struct ChildProcess::State {
  EventLoop& loop;
  std::function<void(ChildEnd)> on_end;
  Output output;
  Fd read_end, write_end, pidfd;
  pid_t pid = -1;
  bool timed_out = false, reaped = true;
  std::optional<EventLoop::TimerId> timer;

  State(EventLoop& l, std::function<void(ChildEnd)> end, std::size_t limit) : loop(l), on_end(std::move(end)), output(limit) {}

  int start(ChildSpec& spec);
  // False when there is no more to read now.
  bool read_some();
  void end_group() const { ::kill(-pid, SIGKILL); }
  ChildEnd reap();
  void on_ended();
  void stop_watching();
};

int ChildProcess::State::start(ChildSpec& spec) {
  auto [in, out] = make_pipe();
  read_end = std::move(in);
  set_non_blocking(read_end.get());
  write_end = above_standard(std::move(out));
  Fd input = spec.standard_input ? std::move(spec.standard_input) : Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!input) return errno;
  input = above_standard(std::move(input));

  spec.arguments.insert(spec.arguments.begin(), spec.program);
  std::vector<char*> arguments = pointers(spec.arguments), environment = pointers(spec.environment);
  Prepared p{spec.program.c_str(),
             arguments.data(),
             environment.data(),
             spec.directory.c_str(),
             input.get(),
             write_end.get(),
             spec.memory_bytes,
             spec.cpu_seconds,
             spec.file_bytes,
             ::getpid(),
             0};
  int descriptor = -1;
  pid = vfork_child(child_main, &p, &descriptor);
  if (pid < 0) return errno;
  pidfd = Fd(descriptor);
  if (p.error != 0) {
    ::waitpid(pid, nullptr, 0);
    return p.error;
  }
  reaped = false;
  return 0;
}

bool ChildProcess::State::read_some() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(read_end.get(), buffer.data(), buffer.size());
  if (n <= 0) return n < 0 && errno == EINTR;
  output.add({buffer.data(), static_cast<std::size_t>(n)});
  return true;
}

ChildEnd ChildProcess::State::reap() {
  // The group first, while the unreaped leader keeps its number from being given to somebody else.
  end_group();
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  reaped = true;
  ChildEnd end;
  if (timed_out)
    end.kind = ChildEnd::Kind::timed_out;
  else if (WIFSIGNALED(status))
    end = {ChildEnd::Kind::signaled, WTERMSIG(status), {}};
  else
    end = {ChildEnd::Kind::exited, WEXITSTATUS(status), {}};
  // A process that left the group may hold the pipe open and go on writing: what is there now is all we wait for.
  for (int i = 0; i < 64 && read_some(); ++i) {}
  end.output = output.text();
  return end;
}

void ChildProcess::State::on_ended() {
  ChildEnd end = reap();
  stop_watching();
  const auto call = std::move(on_end);  // may destroy this object
  call(std::move(end));
}

void ChildProcess::State::stop_watching() {
  if (timer) loop.cancel(*timer);
  timer.reset();
  if (pidfd) loop.unwatch(pidfd.get());
  if (pidfd) loop.unwatch(read_end.get());
  pidfd.reset();
}

ChildProcess::ChildProcess(EventLoop& loop, ChildSpec spec, std::function<void(ChildEnd)> on_end)
    : state_(std::make_unique<State>(loop, std::move(on_end), spec.output_bytes)) {
  State* s = state_.get();
  if (const int error = s->start(spec); error != 0) {
    s->timer = loop.after(std::chrono::microseconds(0), [s, error] {
      s->timer.reset();
      const auto call = std::move(s->on_end);
      call({ChildEnd::Kind::not_started, error, {}});
    });
    return;
  }
  loop.watch(s->read_end.get(), EPOLLIN, [s](std::uint32_t) { s->read_some(); });
  loop.watch(s->pidfd.get(), EPOLLIN, [s](std::uint32_t) { s->on_ended(); });
  if (spec.timeout.count() > 0) {
    s->timer = loop.after(spec.timeout, [s] {
      s->timer.reset();
      s->timed_out = true;
      s->end_group();
    });
  }
}

ChildProcess::~ChildProcess() {
  if (!state_->reaped) {
    state_->end_group();
    while (::waitpid(state_->pid, nullptr, 0) < 0 && errno == EINTR) {}
  }
  state_->stop_watching();
}

void ChildProcess::kill() {
  if (!state_->reaped) state_->end_group();
}

int ChildProcess::output_descriptor() const {
  return state_->write_end.get();
}

std::vector<std::string> clean_environment() {
  std::vector<std::string> environment;
  for (const char* name : {"PATH", "HOME", "LANG", "TZ", "USER"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  }
  if (std::getenv("PATH") == nullptr) environment.emplace_back("PATH=/usr/local/bin:/usr/bin:/bin");
  return environment;
}

}  // namespace venturi::lanes
