#include "worker/kept_logs.h"

#include <poll.h>

#include <cerrno>
#include <cstdio>

#include "base/errno_error.h"

namespace venturi::worker {

bool KeptLogs::receive(int socket) {
  for (;;) {
    pollfd ready{socket, POLLIN, 0};
    if (::poll(&ready, 1, 0) <= 0) return true;
    std::vector<Fd> fds;
    const long n = receive_with_fds(socket, reader_.buffer(), fds);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0 && errno != ECONNRESET) throw errno_error("receive from the supervisor");
    for (Fd& fd : fds) fds_.push_back(std::move(fd));
    while (const auto frame = reader_.next()) apply(frame->body.as_array());
    if (n <= 0) return false;
  }
}

Fd KeptLogs::take_fd() {
  if (fds_.empty()) throw task::ProtocolError("the supervisor named a descriptor that it did not send");
  Fd fd = std::move(fds_.front());
  fds_.pop_front();
  return fd;
}

void KeptLogs::add_secrets(Kept& kept, const Array& secrets) {
  for (const Value& secret : secrets) kept.secrets.push_back(secret.as_string());
}

void KeptLogs::apply(const Array& message) {
  const std::string& word = message.at(0).as_string();
  const auto id = static_cast<std::uint64_t>(message.at(1).as_int());
  Kept& kept = tries_[id];
  if (word == "open") {
    kept.label = message.at(2).as_string();
    kept.log_path = message.at(3).as_string();
    add_secrets(kept, message.at(4).as_array());
    for (const Value& kind : message.at(5).as_array())
      kept.streams.emplace_back(take_fd(), static_cast<LogKind>(kind.as_int()));
  } else if (word == "stream") {
    kept.streams.emplace_back(take_fd(), static_cast<LogKind>(message.at(2).as_int()));
  } else if (word == "mask") {
    add_secrets(kept, message.at(2).as_array());
  } else if (word == "held") {
    kept.streams.at(static_cast<std::size_t>(message.at(2).as_int())).set_held(message.at(3).as_string());
  } else if (word == "close") {
    tries_.erase(id);
  } else {
    throw task::ProtocolError("the supervisor sent '" + word + "', which means nothing to the keeper");
  }
}

void KeptLogs::finish() {
  constexpr std::size_t looked_back = 512 << 10;
  for (auto& [id, kept] : tries_) {
    const Masker masker(kept.secrets);
    LogFile file(kept.log_path);
    const std::string written_last = kept.streams.empty() ? std::string() : file.tail(looked_back);
    for (LogStream& stream : kept.streams) stream.finish(file, masker, written_last);
    if (!file.error().empty()) std::fprintf(stderr, "venturi-worker: %s\n", file.error().c_str());
  }
  tries_.clear();
  fds_.clear();
  reader_ = {};
}

std::vector<std::string> KeptLogs::labels() const {
  std::vector<std::string> labels;
  for (const auto& [id, kept] : tries_) labels.push_back(kept.label);
  return labels;
}

}  // namespace venturi::worker
