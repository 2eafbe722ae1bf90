#include "worker/operator_host.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/errno_error.h"
#include "worker/exit_reason.h"
#include "worker/process_tree.h"

namespace venturi::worker {
namespace {

// The bytes that one sendmsg took; the descriptors go with the first. -1 with errno.
ssize_t send_part(int socket, std::string_view bytes, const std::vector<Fd>& fds) {
  alignas(cmsghdr) char control[CMSG_SPACE(64 * sizeof(int))] = {};
  iovec vector{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    auto* at = reinterpret_cast<int*>(CMSG_DATA(header));
    for (const Fd& fd : fds) *at++ = fd.get();
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

OperatorHost::OperatorHost(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Kind kind,
                           Events events)
    : loop_(loop),
      children_(children),
      spawner_(spawner),
      options_(options),
      kind_(std::move(kind)),
      events_(std::move(events)) {}

OperatorHost::~OperatorHost() {
  unwatch();
  if (start_timer_ != 0) loop_.cancel(start_timer_);
}

std::string OperatorHost::ensure() {
  if (pid_ != 0) return {};
  if (kind_.path.empty()) return "this worker was started without an operator host (--operator-host)";
  auto [mine, theirs] = make_socket_pair();
  try {
    pid_ = spawner_.start({.path = kind_.path,
                           .arguments = kind_.arguments,
                           .in = theirs.get(),
                           .out = kind_.output,
                           .err = kind_.output == null_fd ? 2 : kind_.output,
                           .many_descriptors = true,
                           .guarded = true});
  } catch (const std::system_error& e) {
    return e.what();
  }
  ++generation_;
  control_ = std::move(mine);
  set_non_blocking(control_.get());
  ready_ = watching_out_ = false;
  in_ = task::FrameReader(packed_members);
  children_.watch(pid_, [this](int status) {
    while (receive()) {}
    died(status);
  });
  loop_.watch(control_.get(), EPOLLIN, [this](std::uint32_t events) { on_ready(events); });
  watched_ = true;
  start_timer_ = loop_.after(options_.warm_start, [this] {
    start_timer_ = 0;
    std::fprintf(stderr, "venturi-worker: %s did not say that it is ready in time\n", kind_.path.c_str());
    kill_host();
  });
  return {};
}

std::string& OperatorHost::open_part() {
  if (out_.empty() || !out_.back().fds.empty()) out_.emplace_back();
  return out_.back().bytes;
}

void OperatorHost::request_packed(std::string_view body, OnAnswer on_answer, std::vector<Fd> fds) {
  const std::int64_t id = next_id_--;
  asked_[id] = std::move(on_answer);
  if (fds.empty()) {
    task::append_packed_frame(open_part(), id, body);
  } else {
    out_.emplace_back();
    task::append_packed_frame(out_.back().bytes, id, body);
    out_.back().fds = std::move(fds);
  }
}

void OperatorHost::send_packed(std::string_view body, Fd fd) {
  // Many at once: they find their messages by their order.
  if (out_.empty() || out_.back().fds.empty() || out_.back().fds.size() == most_fds) out_.emplace_back();
  task::append_packed_frame(out_.back().bytes, 0, body);
  out_.back().fds.push_back(std::move(fd));
}

void OperatorHost::send(std::int64_t id, const Value& body, const Value& error) {
  if (pid_ == 0) return;
  if (body.get_string("type") == "PackedAnswer")
    task::append_packed_frame(open_part(), id, body.at("packed").as_string());
  else
    task::append_frame(open_part(), id, body, error);
}

void OperatorHost::flush() {
  if (pid_ != 0 && ready_ && !watching_out_ && !out_.empty()) write_out();
}

void OperatorHost::write_out() {
  bool blocked = false;
  while (!out_.empty() && !blocked) {
    Part& part = out_.front();
    std::size_t done = 0;
    while (done < part.bytes.size()) {
      const ssize_t n = send_part(control_.get(), std::string_view(part.bytes).substr(done), part.fds);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        // Anything but a full socket is an end that on_ready() sees.
        blocked = true;
        break;
      }
      part.fds.clear();
      done += static_cast<std::size_t>(n);
    }
    if (blocked) {
      part.bytes.erase(0, done);
    } else {
      out_.pop_front();
    }
  }
  if (blocked != watching_out_ && watched_) {
    watching_out_ = blocked;
    loop_.rewatch(control_.get(), blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void OperatorHost::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) write_out();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if (receive() || (events & EPOLLHUP) == 0) return;
  // It closed its socket: whatever it does now, nobody hears of it.
  unwatch();
  kill_host();
}

void OperatorHost::unwatch() {
  if (std::exchange(watched_, false)) loop_.unwatch(control_.get());
}

// Not its guard, which then ends what the host left behind.
void OperatorHost::kill_host() const {
  for (const pid_t host : children_of(pid_)) ::kill(host, SIGKILL);
}

// True: there may be more.
bool OperatorHost::receive() {
  static char buffer[64 << 10];
  const ssize_t n = ::recv(control_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  in_.feed({buffer, static_cast<std::size_t>(n)});
  try {
    while (auto frame = in_.next()) {
      if (!ready_ && frame->body.get_string("type") == "WarmReady") {
        ready_ = true;
        process_ = static_cast<pid_t>(frame->body.get_int("pid"));
        if (start_timer_ != 0) loop_.cancel(std::exchange(start_timer_, 0));
      } else if (frame->id < 0) {
        const auto found = asked_.find(frame->id);
        if (found == asked_.end()) throw task::ProtocolError("an answer to a question that was not asked");
        const OnAnswer on_answer = std::move(found->second);
        asked_.erase(found);
        on_answer(*frame);
      } else {
        events_.on_message(*frame);
      }
    }
  } catch (const std::runtime_error& e) {  // ProtocolError, ValueError
    std::fprintf(stderr, "venturi-worker: %s: %s\n", kind_.path.c_str(), e.what());
    kill_host();
    return false;
  }
  return true;
}

void OperatorHost::died(int status) {
  unwatch();
  control_.reset();
  if (start_timer_ != 0) loop_.cancel(std::exchange(start_timer_, 0));
  pid_ = 0;
  asked_.clear();
  out_.clear();
  const std::string how = WIFSIGNALED(status) ? "was ended by " + signal_name(WTERMSIG(status))
                                              : "ended with exit code " + std::to_string(WEXITSTATUS(status));
  events_.on_died(kind_.name + " " + how, std::exchange(ready_, false));
}

}  // namespace venturi::worker
