#include "base/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/fd.h"
#include "base/log.h"

namespace venturi {
namespace {

std::string take(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value != nullptr ? value : "";
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

ServiceManager ServiceManager::take_from_environment() {
  ServiceManager manager;
  manager.socket_ = take("NOTIFY_SOCKET");
  const std::string microseconds = take("WATCHDOG_USEC"), pid = take("WATCHDOG_PID");
  if (manager.socket_.empty()) return manager;
  if (manager.socket_.size() >= sizeof(sockaddr_un::sun_path) || (manager.socket_[0] != '/' && manager.socket_[0] != '@')) {
    log_warning("NOTIFY_SOCKET is neither a path nor an abstract socket (@name); nobody is told that the server is ready");
    manager.socket_.clear();
    return manager;
  }
  if (manager.socket_[0] == '@') manager.socket_[0] = '\0';
  const auto time = number(microseconds);
  const bool is_meant = pid.empty() || number(pid) == ::getpid();
  if (time && *time > 1 && is_meant) manager.watchdog_interval_ = std::chrono::microseconds(*time / 2);
  return manager;
}

void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::send(std::string_view message) const {
  if (!is_there()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                          reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    log_warning("the service manager could not be told " + std::string(message.substr(0, message.find('='))) + ": " +
                std::strerror(errno));
  }
}

}  // namespace venturi
