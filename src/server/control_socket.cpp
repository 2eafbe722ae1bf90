#include "server/control_socket.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"

namespace venturi::server {

ControlSocket::ControlSocket(EventLoop& loop, const std::string& path, Commands& commands, OnWorker on_worker)
    : loop_(loop), path_(path), commands_(commands), on_worker_(std::move(on_worker)) {
  ::unlink(path.c_str());  // of an owner that was killed: we hold the home's lock
  listener_ = listen_unix(path);
  set_non_blocking(listener_.get());
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
}

ControlSocket::~ControlSocket() {
  loop_.unwatch(listener_.get());
  ::unlink(path_.c_str());
}

void ControlSocket::accept() {
  for (;;) {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        log_error("cannot accept a connection on " + path_ + ": error " + std::to_string(errno));
      return;
    }
    if (peer_uid(socket.get()) != ::geteuid()) {
      log_warning("a process of user " + std::to_string(peer_uid(socket.get())) + " was refused on " + path_);
      continue;
    }
    const std::uint64_t number = next_number_++;
    clients_[number] = std::make_unique<FrameConnection>(
        loop_, std::move(socket),
        FrameConnection::Events{.on_frame = [this, number](const task::Frame& frame) { on_frame(number, frame); },
                                .on_closed =
                                    [this, number](const std::string& why) {
                                      if (!why.empty()) log_warning("a client of " + path_ + " was cut off: " + why);
                                      if (auto node = clients_.extract(number)) closed_.push_back(std::move(node.mapped()));
                                    }});
  }
}

void ControlSocket::on_frame(std::uint64_t number, const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "WorkerHello") {
    auto node = clients_.extract(number);
    return on_worker_(std::move(node.mapped()), frame);
  }
  if (type != "Command") throw task::ProtocolError("'" + type + "' means nothing here");
  commands_.run(frame.body, [this, number, id = frame.id](const Result<Value>& result) {
    const auto client = clients_.find(number);
    if (client == clients_.end()) return;
    if (result)
      client->second->send(id, *result);
    else
      client->second->send(id, {}, error_value(result.error()));
  });
}

void ControlSocket::flush() {
  closed_.clear();
  for (const auto& [number, client] : clients_) client->flush();
}

}  // namespace venturi::server
