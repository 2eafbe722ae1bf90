// The side of a server in systemd's protocol: a datagram to $NOTIFY_SOCKET says how it is. sd_notify(3),
// sd_watchdog_enabled(3).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace venturi {

class ServiceManager {
 public:
  // What the environment says, and takes it out of there: no child of this process speaks in its name.
  [[nodiscard]] static ServiceManager take_from_environment();

  [[nodiscard]] bool is_there() const { return !socket_.empty(); }
  // How often it wants to hear keep_alive(): half of the time after which it would end this process.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_interval_; }

  // Without a manager they do nothing. They never wait; a message that could not be sent is logged.
  void ready() const { send("READY=1"); }
  void reloading() const;  // followed by ready()
  void stopping() const { send("STOPPING=1"); }
  void keep_alive() const { send("WATCHDOG=1"); }

 private:
  void send(std::string_view message) const;
  std::string socket_;  // with a zero byte at its beginning where it is in the abstract namespace
  std::optional<std::chrono::microseconds> watchdog_interval_;
};

}  // namespace venturi
