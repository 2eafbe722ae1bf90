// C++20 without third parties: part of the SDK archive.
#include "base/fd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/errno_error.h"

namespace venturi {
namespace {

// The kernel's SCM_MAX_FD: no message carries more.
constexpr std::size_t max_fds = 253;

// Where a socket's file is. A path that an address has no room for (108 bytes) is reached through its folder, which is held
// open.
class UnixAddress {
 public:
  UnixAddress(const char* call, const std::string& path) {
    address_.sun_family = AF_UNIX;
    std::string name = path;
    if (name.size() >= sizeof address_.sun_path) {
      const std::size_t slash = path.rfind('/');
      const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
      folder_ = Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (folder_) {
        name = "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + path.substr(slash + 1);
      } else if (errno == ENOENT) {
        name = "/proc/self/fd/-1/missing";  // as if the path had been short: nobody is there
      } else {
        throw errno_error(std::string(call) + " " + path);
      }
    }
    if (name.size() >= sizeof address_.sun_path) {
      throw std::system_error(ENAMETOOLONG, std::generic_category(),
                              std::string(call) + " " + path + ": the name of a socket's file may have 80 bytes");
    }
    std::memcpy(address_.sun_path, name.data(), name.size());
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }

 private:
  sockaddr_un address_{};
  Fd folder_;
};

Fd unix_socket() {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw errno_error("socket");
  return fd;
}

bool connect_to(int fd, const UnixAddress& address) {
  int result = 0;
  do {
    result = ::connect(fd, address.get(), sizeof(sockaddr_un));
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::reset() {
  // After an error the descriptor is gone all the same (close(2)), and nobody could do anything about it.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::pair<Fd, Fd> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw errno_error("socketpair");
  return {Fd(ends[0]), Fd(ends[1])};
}

std::pair<Fd, Fd> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw errno_error("pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

Fd listen_unix(const std::string& path, unsigned mode) {
  const UnixAddress address("bind", path);
  Fd fd = unix_socket();
  const auto bind_it = [&] { return ::bind(fd.get(), address.get(), sizeof(sockaddr_un)) == 0; };
  if (!bind_it()) {
    if (errno != EADDRINUSE) throw errno_error("bind " + path);
    // The file outlives a listener that was killed. It is replaced only where nobody listens any more, and where it is a
    // socket.
    struct stat file{};
    if (::lstat(path.c_str(), &file) == 0 && (!S_ISSOCK(file.st_mode) || connect_to(unix_socket().get(), address))) {
      errno = EADDRINUSE;
      throw errno_error("bind " + path);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw errno_error("unlink " + path);
    if (!bind_it()) throw errno_error("bind " + path);
  }
  // Nobody can connect before listen(), so there is no moment with other permissions.
  if (::chmod(path.c_str(), mode) != 0) throw errno_error("chmod " + path);
  if (::listen(fd.get(), SOMAXCONN) != 0) throw errno_error("listen " + path);
  return fd;
}

Fd connect_unix(const std::string& path) {
  const UnixAddress address("connect", path);
  Fd fd = unix_socket();
  if (connect_to(fd.get(), address)) return fd;
  if (errno != ENOENT && errno != ECONNREFUSED) throw errno_error("connect " + path);
  return {};
}

unsigned peer_uid(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) throw errno_error("getsockopt SO_PEERCRED");
  return peer.uid;
}

void set_non_blocking(int fd, bool on) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) throw errno_error("fcntl F_GETFL");
  const int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (wanted != flags && ::fcntl(fd, F_SETFL, wanted) != 0) throw errno_error("fcntl F_SETFL");
}

bool write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n >= 0) {
      data.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool send_with_fds(int socket, std::string_view data, std::span<const int> fds) {
  if (fds.size() > max_fds || (data.empty() && !fds.empty())) {
    errno = EINVAL;  // descriptors travel with a byte only
    return false;
  }
  alignas(cmsghdr) char control[CMSG_SPACE(max_fds * sizeof(int))];
  while (!data.empty()) {
    iovec part{const_cast<char*>(data.data()), data.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
      std::memset(control, 0, CMSG_SPACE(fds.size_bytes()));
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(fds.size_bytes());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(fds.size_bytes());
      std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
    }
    const ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n >= 0) {
      data.remove_prefix(static_cast<std::size_t>(n));
      fds = {};
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

long receive_with_fds(int socket, std::string& data, std::vector<Fd>& fds, std::size_t capacity) {
  char bytes[65536];  // appended from here: growing `data` first would clear all of its new bytes each time
  alignas(cmsghdr) char control[CMSG_SPACE(max_fds * sizeof(int))];
  iovec part{bytes, std::min(capacity, sizeof bytes)};
  msghdr message{};
  ssize_t n = 0;
  do {
    message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return n;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    errno = EMFILE;  // there is room for all that can be sent: this process has no descriptors left
    return -1;
  }
  data.append(bytes, static_cast<std::size_t>(n));
  return n;
}

}  // namespace venturi
