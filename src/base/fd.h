// File descriptors with an owner, and the few system calls that everything here uses. C++20: part of the SDK archive.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace venturi {

// Owns one descriptor; closes it at the end.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  void reset();
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// All of these throw std::system_error naming the call and the path; descriptors are close-on-exec.
[[nodiscard]] std::pair<Fd, Fd> make_socket_pair();  // AF_UNIX, SOCK_STREAM, blocking
[[nodiscard]] std::pair<Fd, Fd> make_pipe();         // read end, write end
[[nodiscard]] Fd listen_unix(const std::string& path, unsigned mode = 0600);
// An invalid Fd where nobody listens there (no such file, refused); throws for anything else.
[[nodiscard]] Fd connect_unix(const std::string& path);
// The effective user id of the process at the other end of a Unix socket (SO_PEERCRED).
[[nodiscard]] unsigned peer_uid(int fd);
void set_non_blocking(int fd, bool on = true);

// Writes all of it to a blocking descriptor, going on after EINTR and short writes. False with errno set on error.
[[nodiscard]] bool write_all(int fd, std::string_view data);
// Sends all bytes, the descriptors with the first of them (SCM_RIGHTS). Blocking. False with errno set on error.
[[nodiscard]] bool send_with_fds(int socket, std::string_view data, std::span<const int> fds);
// One recvmsg of at most capacity bytes appended to `data`; received descriptors (close-on-exec) are appended to `fds`.
// Returns recvmsg's result: 0 at the end, -1 with errno set (EAGAIN included).
[[nodiscard]] long receive_with_fds(int socket, std::string& data, std::vector<Fd>& fds, std::size_t capacity = 65536);

}  // namespace venturi
