// The home's socket, $VENTURI_HOME/run/server.sock: workers and command lines of the same user connect here. The first frame of
// a connection says which it is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"
#include "server/commands.h"
#include "server/frame_connection.h"

namespace venturi::server {

class ControlSocket {
 public:
  using OnWorker = std::function<void(std::unique_ptr<FrameConnection>, const task::Frame& hello)>;

  // Listens at once; throws std::system_error where it cannot.
  ControlSocket(EventLoop& loop, const std::string& path, Commands& commands, OnWorker on_worker);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  void flush();

 private:
  void accept();
  void on_frame(std::uint64_t number, const task::Frame& frame);

  EventLoop& loop_;
  std::string path_;
  Commands& commands_;
  OnWorker on_worker_;
  Fd listener_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, std::unique_ptr<FrameConnection>> clients_;
  std::vector<std::unique_ptr<FrameConnection>> closed_;  // destroyed at the end of the turn: one of them may be calling
};

}  // namespace venturi::server
