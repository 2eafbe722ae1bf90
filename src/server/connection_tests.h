// Whether a connection can be used: its provider is asked, in a process of its own, so that nothing waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "base/result.h"
#include "lanes/child_process.h"
#include "venturi/value.h"

namespace venturi::server {

class ConnectionTests {
 public:
  // `program`: venturi-operators; empty: it is not installed.
  ConnectionTests(EventLoop& loop, std::string program) : loop_(loop), program_(std::move(program)) {}

  // Of Airflow's JSON with conn_id. {status: bool, message}, or an error where none could be made.
  void run(const Value& connection, std::function<void(Result<Value>)> on_result);

 private:
  EventLoop& loop_;
  std::string program_;
  std::int64_t next_ = 1;
  std::map<std::int64_t, std::unique_ptr<lanes::ChildProcess>> running_;
};

}  // namespace venturi::server
