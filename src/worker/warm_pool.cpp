#include "worker/warm_pool.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/errno_error.h"
#include "base/kill_point.h"
#include "task/frame.h"
#include "worker/process_tree.h"

namespace venturi::worker {
namespace {

// How often a try's fork is asked for, when its warm process dies each time.
constexpr int most_launches = 3;

std::string ended_text(int status) {
  if (WIFSIGNALED(status)) return "was ended by " + signal_name(WTERMSIG(status));
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

std::size_t resident_mib(pid_t pid) {
  std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/statm").c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long total = 0, resident = 0;
  const int found = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return found == 2 ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) >> 20U : 0;
}

// Sends one small frame with four descriptors, or nothing. 0: the socket is full; -1: it is broken.
int send_fork(int control, const std::string& frame, const std::array<Fd, 4>& fds) {
  alignas(cmsghdr) char control_buffer[CMSG_SPACE(4 * sizeof(int))] = {};
  iovec bytes{const_cast<char*>(frame.data()), frame.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control_buffer;
  message.msg_controllen = sizeof control_buffer;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(4 * sizeof(int));
  int numbers[4];
  for (int i = 0; i < 4; ++i) numbers[i] = fds[static_cast<std::size_t>(i)].get();
  std::copy(std::begin(numbers), std::end(numbers), reinterpret_cast<int*>(CMSG_DATA(header)));
  ssize_t n = 0;
  while ((n = ::sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0 && errno == EINTR) {}
  if (n == static_cast<ssize_t>(frame.size())) return 1;
  return n < 0 && (errno == EAGAIN || errno == ETOOMANYREFS) ? 0 : -1;
}

}  // namespace

pid_t find_holder(const Children& children, int socket) {
  struct stat info{};
  if (::fstat(socket, &info) != 0) return 0;
  const std::string wanted = "socket:[" + std::to_string(info.st_ino) + "]";
  for (const pid_t pid : children_of(::getpid())) {
    if (children.knows(pid)) continue;
    const std::string folder = "/proc/" + std::to_string(pid) + "/fd/";
    for (int fd = 0; fd < 256; ++fd) {
      char target[64];
      const ssize_t n = ::readlink((folder + std::to_string(fd)).c_str(), target, sizeof target);
      if (n > 0 && std::string_view(target, static_cast<std::size_t>(n)) == wanted) return pid;
    }
  }
  return 0;
}

WarmPool::WarmPool(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Events events)
    : loop_(loop), children_(children), spawner_(spawner), options_(options), events_(std::move(events)) {}

WarmPool::~WarmPool() {
  for (const auto& warm : warm_) {
    if (warm->control) loop_.unwatch(warm->control.get());
    ::kill(warm->pid, SIGKILL);
  }
}

void WarmPool::launch(Try& t, const std::string& argument) {
  const auto file = program_file(t.program);
  if (!file) return events_.failed(t, errno_error("the program " + t.program).what());
  if (const auto each = executed_each_.find(t.program); each != executed_each_.end()) {
    if (each->second == *file) return execute(t);
    executed_each_.erase(each);
  }
  Warm* warm = find_or_start(t, argument, *file);
  if (warm == nullptr) return;
  warm->last_used = std::chrono::steady_clock::now();
  warm->waiting.push_back(&t);
  if (warm->ready) ask(*warm);
}

WarmPool::Warm* WarmPool::find_or_start(Try& t, const std::string& argument, const ProgramFile& file) {
  for (const auto& warm : warm_) {
    if (warm->retired || warm->program != t.program || warm->argument != argument) continue;
    if (warm->file == file) return warm.get();
    retire(*warm);  // the program was replaced
    break;
  }
  make_room();
  auto [mine, theirs] = make_socket_pair();
  auto warm = std::make_unique<Warm>();
  warm->program = t.program;
  warm->argument = argument;
  warm->file = file;
  try {
    warm->pid = spawner_.start(
        {.path = t.program, .arguments = {argument}, .in = theirs.get(), .err = 2, .memory_mib = options_.task_memory_mib});
  } catch (const std::system_error& e) {
    events_.failed(t, e.what());
    return nullptr;
  }
  warm->control = std::move(mine);
  set_non_blocking(warm->control.get());
  Warm* raw = warm.get();
  children_.watch(warm->pid, [this, raw](int status) {
    while (receive(*raw) == Got::bytes) {}
    died(*raw, status);
  });
  loop_.watch(raw->control.get(), EPOLLIN, [this, raw](std::uint32_t events) { on_control(*raw, events); });
  raw->start_timer = loop_.after(options_.warm_start, [raw] {
    raw->start_timer = 0;
    ::kill(raw->pid, SIGKILL);
  });
  warm_.push_back(std::move(warm));
  return raw;
}

void WarmPool::make_room() {
  if (warm_.size() < static_cast<std::size_t>(options_.warm_max)) return;
  Warm* oldest = nullptr;
  for (const auto& warm : warm_) {
    const bool idle = warm->ready && warm->waiting.empty() && warm->forking.empty();
    if (idle && (oldest == nullptr || warm->last_used < oldest->last_used)) oldest = warm.get();
  }
  if (oldest != nullptr) end(*oldest);
  // Where all are at work one more is started for a moment: each ends what it has, and the idle ones go first.
}

void WarmPool::execute(Try& t) {
  try {
    t.pid = spawner_.start({.path = t.program,
                            .in = t.child_ends[0].get(),
                            .out = t.child_ends[1].get(),
                            .err = t.child_ends[2].get(),
                            .memory_mib = options_.task_memory_mib});
  } catch (const std::system_error& e) {
    return events_.failed(t, e.what());
  }
  events_.made(t);
}

void WarmPool::retire(Warm& warm) {
  warm.retired = true;
  if (warm.waiting.empty() && warm.forking.empty()) end(warm);
}

bool WarmPool::withdraw(Try& t) {
  for (const auto& warm : warm_) {
    if (std::erase(warm->waiting, &t) != 0) return true;
  }
  return false;
}

void WarmPool::ask(Warm& warm) {
  while (!warm.waiting.empty()) {
    Try& t = *warm.waiting.front();
    kill_point("worker.before_fork");
    const int sent =
        send_fork(warm.control.get(), task::encode_frame(1, Object{{"type", "ForkTask"}, {"ti_id", t.ti_id}}), t.child_ends);
    if (sent < 0) return;  // its end is on the way
    if (sent == 0) break;
    ++t.launches;
    children_.expect();
    if (warm.forking.empty()) warm.last_progress = std::chrono::steady_clock::now();
    warm.forking.push_back(&t);
    warm.waiting.pop_front();
    arm_fork_timer(warm);
    kill_point("worker.after_fork");
  }
  if (warm.waiting.empty() == warm.watching_out) {
    warm.watching_out = !warm.watching_out;
    loop_.rewatch(warm.control.get(), warm.watching_out ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void WarmPool::on_control(Warm& warm, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) ask(warm);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if (receive(warm) == Got::end) end(warm);
}

WarmPool::Got WarmPool::receive(Warm& warm) {
  char buffer[16384];
  const ssize_t n = ::recv(warm.control.get(), buffer, sizeof buffer, 0);
  if (n < 0 && errno == EINTR) return Got::bytes;
  if (n < 0 && errno == EAGAIN) return Got::nothing;
  if (n <= 0) return Got::end;
  warm.in.feed({buffer, static_cast<std::size_t>(n)});
  try {
    while (const auto frame = warm.in.next()) handle(warm, *frame);
  } catch (const std::runtime_error& e) {  // ProtocolError, ValueError
    std::fprintf(stderr, "venturi-worker: %s as a warm process: %s\n", warm.program.c_str(), e.what());
    return Got::end;
  }
  return Got::bytes;
}

void WarmPool::handle(Warm& warm, const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "WarmReady") {
    warm.ready = true;
    if (warm.start_timer != 0) loop_.cancel(std::exchange(warm.start_timer, 0));
    arm_idle_timer();
    const auto mib = resident_mib(warm.pid);
    if (frame.body.get_int("threads", 1) > 1 || mib > static_cast<std::size_t>(options_.warm_memory_mib)) {
      executed_each_[warm.program] = warm.file;
      for (Try* t : std::exchange(warm.waiting, {})) execute(*t);
      warm.retired = true;
      ::kill(warm.pid, SIGKILL);
      return;
    }
    return ask(warm);
  }
  if (type != "Forked" && type != "ForkFailed") throw task::ProtocolError("it sent '" + type + "'");
  if (warm.forking.empty()) throw task::ProtocolError("it sent '" + type + "' for nothing");
  Try& t = *warm.forking.front();
  if (frame.body.at("ti_id").as_string() != t.ti_id) throw task::ProtocolError("it answered for another task instance");
  const auto pid = static_cast<pid_t>(type == "Forked" ? frame.body.at("pid").as_int() : 0);
  warm.forking.pop_front();
  warm.last_progress = std::chrono::steady_clock::now();
  if (pid > 0) {
    t.pid = pid;
    events_.made(t);
  } else {
    events_.failed(t, frame.body.get_string("error", "its warm process could not fork"));
  }
  children_.expected_came();
  if (warm.retired && warm.forking.empty() && warm.waiting.empty()) ::kill(warm.pid, SIGKILL);
}

void WarmPool::end(Warm& warm) {
  ::kill(warm.pid, SIGKILL);
  died(warm, children_.reap_now(warm.pid));
}

// The warm process is dead and reaped, and all that it said was read. It is gone when this returns.
void WarmPool::died(Warm& warm, int status) {
  const auto at = std::find_if(warm_.begin(), warm_.end(), [&](const auto& w) { return w.get() == &warm; });
  if (at == warm_.end()) return;
  const std::unique_ptr<Warm> buried = std::move(*at);
  warm_.erase(at);
  loop_.unwatch(warm.control.get());
  const bool too_slow = !warm.ready && warm.start_timer == 0;
  for (EventLoop::TimerId* timer : {&warm.start_timer, &warm.fork_timer}) {
    if (*timer != 0) loop_.cancel(std::exchange(*timer, 0));
  }
  warm.control.reset();
  for (Try* t : std::exchange(warm.forking, {})) {
    settle_fork(*t, warm.argument, "its warm process " + ended_text(status));
    children_.expected_came();
  }
  for (Try* t : std::exchange(warm.waiting, {})) {
    if (!warm.ready && !warm.retired) ++t->launches;
    if (too_slow) {
      events_.failed(*t, t->program + " " + warm.argument + " did not say that it is ready in time");
    } else if (t->launches >= most_launches) {
      events_.failed(*t, t->program + " " + warm.argument + " " + ended_text(status) + " before it was ready");
    } else {
      launch(*t, warm.argument);
    }
  }
}

// A fork was asked for, and not answered. Either the process exists (it holds our socket): then it is the one. Or its first
// frame lies unread: then no code of the task ran, and the fork is asked for again. Else it ran and is gone.
void WarmPool::settle_fork(Try& t, const std::string& argument, const std::string& how) {
  if (const pid_t pid = find_holder(children_, t.child_ends[0].get()); pid != 0) {
    t.pid = pid;
    return events_.made(t);
  }
  int unread = 0;
  if (::ioctl(t.child_ends[0].get(), SIOCINQ, &unread) != 0 || static_cast<std::size_t>(unread) != t.startup_bytes) {
    return events_.lost(t, how + " while it started this task");
  }
  if (t.launches >= most_launches) return events_.failed(t, how + " each time that it should start this task");
  launch(t, argument);
}

// One that does not answer (stopped, or without memory) is ended: its tries go on with another one.
void WarmPool::arm_fork_timer(Warm& warm) {
  if (warm.fork_timer != 0) return;
  const auto due = warm.last_progress + options_.warm_start;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
  warm.fork_timer = loop_.after(wait, [this, &warm] {
    warm.fork_timer = 0;
    if (warm.forking.empty()) return;
    if (std::chrono::steady_clock::now() - warm.last_progress < options_.warm_start) return arm_fork_timer(warm);
    std::fprintf(stderr, "venturi-worker: %s as a warm process makes no process any more; ending it\n", warm.program.c_str());
    ::kill(warm.pid, SIGKILL);
  });
}

void WarmPool::arm_idle_timer() {
  if (idle_timer_ == 0) idle_timer_ = loop_.after(options_.warm_idle, [this] { end_idle(); });
}

void WarmPool::end_idle() {
  idle_timer_ = 0;
  const auto now = std::chrono::steady_clock::now();
  std::vector<Warm*> idle;
  auto next = std::chrono::steady_clock::duration::max();
  for (const auto& warm : warm_) {
    if (!warm->ready || !warm->waiting.empty() || !warm->forking.empty()) {
      next = std::min<std::chrono::steady_clock::duration>(next, options_.warm_idle);
      continue;
    }
    const auto unused = now - warm->last_used;
    if (unused >= options_.warm_idle) {
      idle.push_back(warm.get());
    } else {
      next = std::min(next, options_.warm_idle - unused);
    }
  }
  for (Warm* warm : idle) end(*warm);
  if (!warm_.empty()) {
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(next) + std::chrono::milliseconds(1);
    idle_timer_ = loop_.after(wait, [this] { end_idle(); });
  }
}

}  // namespace venturi::worker
