#include "worker/server_link.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "base/errno_error.h"
#include "base/kill_point.h"

namespace venturi::worker {
namespace {

// With so much to say the end of the turn is not waited for: the server takes it while the rest is made.
constexpr std::size_t early_bytes = 8UL << 10U;
constexpr auto retry_every = std::chrono::milliseconds(100);

}  // namespace

ServerLink::ServerLink(EventLoop& loop, const std::string& home, Events events)
    : loop_(loop), path_(home + "/run/server.sock"), events_(std::move(events)), journal_(home + "/worker") {
  read_journal();
}

ServerLink::~ServerLink() {
  if (socket_) loop_.unwatch(socket_.get());
}

void ServerLink::read_journal() {
  for (const std::string& entry : journal_.found()) {
    try {
      task::FrameReader reader;
      reader.feed(entry);
      const auto frame = reader.next();
      if (!frame) throw task::ProtocolError("it is no whole frame");
      Request request;
      request.token = parse_token(frame->body.at("token"));
      request.from = frame->body.get_string("type") == "TryExited" ? Request::From::journal_exit : Request::From::journal;
      request.write = true;
      const std::int64_t id = next_id_++;
      pending_[id] = {request, task::encode_frame(id, frame->body), true};
      ++journalled_;
    } catch (const std::runtime_error& e) {  // its crc was right: a version that wrote otherwise
      std::fprintf(stderr, "venturi-worker: an entry of the journal is passed over: %s\n", e.what());
    }
  }
  journal_.forget_found();
}

void ServerLink::connect() {
  try {
    socket_ = connect_unix(path_);
    if (socket_ && peer_uid(socket_.get()) != ::geteuid()) {
      complain(path_ + " is served by another user; not talking to it");
      socket_.reset();
    }
  } catch (const std::system_error& e) {
    complain(e.what());
  }
  if (!socket_) {
    loop_.after(retry_every, [this] { connect(); });
    return;
  }
  set_non_blocking(socket_.get());
  reader_ = task::FrameReader(packed_members);
  out_ = task::encode_frame(next_id_++, events_.hello());
  watching_out_ = false;
  loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t ready) { on_ready(ready); });
  write_out();
}

void ServerLink::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) write_out();
  if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
}

void ServerLink::receive() {
  static char buffer[256 << 10];
  const ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return lose();
  reader_.feed({buffer, static_cast<std::size_t>(n)});
  try {
    while (socket_) {
      auto frame = reader_.next();
      if (!frame) return;
      handle(*std::move(frame));
    }
  } catch (const task::ProtocolError& e) {
    complain(std::string("the server sent what is no message: ") + e.what());
    lose();
  } catch (const ValueError& e) {
    complain(std::string("the server sent a message that is not complete: ") + e.what());
    lose();
  }
}

void ServerLink::handle(task::Frame frame) {
  if (!ready_) {
    if (frame.body.get_string("type") != "ServerHello") {
      throw task::ProtocolError("'" + frame.body.get_string("type") + "' before ServerHello");
    }
    events_.on_hello(frame.body);
    ready_ = true;
    complaint_.clear();
    for (const auto& [id, pending] : pending_) out_.bytes() += pending.frame;
    return;
  }
  if (frame.id <= 0) return events_.on_message(std::move(frame));
  const auto found = pending_.find(frame.id);
  if (found == pending_.end()) return;  // of a process that is gone
  const Request request = found->second.request;
  if (found->second.journalled) --journalled_;
  pending_.erase(found);
  if (journalled_ == 0) journal_.clear();
  events_.on_answer(request, frame);
}

void ServerLink::complain(const std::string& what) {
  if (what == complaint_) return;
  complaint_ = what;
  std::fprintf(stderr, "venturi-worker: %s\n", what.c_str());
}

void ServerLink::lose() {
  loop_.unwatch(socket_.get());
  socket_.reset();
  out_.clear();
  outcome_added_ = true;
  ready_ = false;
  lost_at_ = std::chrono::steady_clock::now();
  events_.on_lost();
  loop_.after(retry_every, [this] { connect(); });
}

void ServerLink::send(const Value& body, std::int64_t id, const Value& error) {
  if (ready_) task::append_frame(out_.bytes(), id, body, error);
}

void ServerLink::request_packed(const Request& request, std::string_view body) {
  const std::int64_t id = next_id_++;
  Pending& pending = pending_[id];
  pending.request = request;
  task::append_packed_frame(pending.frame, id, body);
  if (ready_) {
    out_.bytes() += pending.frame;
    if (out_.size() > early_bytes && !watching_out_) write_out();
  }
  outcome_added_ = outcome_added_ || request.outcome;
}

void ServerLink::forget_process(std::uint64_t process) {
  for (auto at = pending_.begin(); at != pending_.end();) {
    const Request& request = at->second.request;
    const bool question = request.process == process && request.from == Request::From::task && !request.write;
    at = question ? pending_.erase(at) : std::next(at);
  }
}

void ServerLink::flush() {
  if (ready_) {
    outcome_added_ = false;
    if (!watching_out_) write_out();
  } else if (outcome_added_) {
    outcome_added_ = !journal_outcomes();
  }
}

void ServerLink::write_out() {
  while (!out_.empty()) {
    const ssize_t n = ::send(socket_.get(), out_.rest().data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return;  // the end is seen by receive()
    out_.sent(static_cast<std::size_t>(n));
  }
  if (out_.empty() == watching_out_) {
    watching_out_ = !watching_out_;
    loop_.rewatch(socket_.get(), watching_out_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

bool ServerLink::journal_outcomes() {
  bool added = false;
  std::set<Token> told;
  for (const auto& [id, pending] : pending_) {
    if (pending.request.outcome) told.insert(pending.request.token);
  }
  for (auto& [id, pending] : pending_) {
    if (pending.journalled || !pending.request.write || !told.contains(pending.request.token)) continue;
    journal_.append(pending.frame);
    pending.journalled = true;
    ++journalled_;
    added = true;
  }
  if (!added && !journal_failed_) return true;
  kill_point("worker.before_journal");
  try {
    journal_.sync();
  } catch (const std::system_error& e) {
    // The tries go on: what they tell is kept in memory, and the next turn tries again.
    if (!std::exchange(journal_failed_, true)) std::fprintf(stderr, "venturi-worker: outcomes are not on disk: %s\n", e.what());
    return false;
  }
  journal_failed_ = false;
  kill_point("worker.after_journal");
  return true;
}

void ServerLink::journal_unanswered() {
  outcome_added_ = !journal_outcomes();
}

std::vector<Token> ServerLink::unanswered_exits() const {
  std::vector<Token> tokens;
  for (const auto& [id, pending] : pending_) {
    if (pending.request.from == Request::From::exit || pending.request.from == Request::From::journal_exit) {
      tokens.push_back(pending.request.token);
    }
  }
  return tokens;
}

}  // namespace venturi::worker
