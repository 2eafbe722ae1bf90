#include "base/fd.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

namespace venturi {
namespace {

using testing::HasSubstr;

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}
bool closes_on_exec(int fd) {
  return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

template <class F>
std::system_error error_of(F&& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return std::system_error(std::error_code());
}

class Folder : public testing::Test {
 protected:
  Folder() {
    std::string name = testing::TempDir() + "venturi_fd_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() override { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string in(const std::string& name) const { return path_ + "/" + name; }
  std::string path_;
};

TEST(Fd, OwnsItsDescriptor) {
  int read = -1, write = -1;
  {
    auto [r, w] = make_pipe();
    read = r.get();
    write = w.get();
    EXPECT_TRUE(closes_on_exec(read) && closes_on_exec(write));
    Fd moved = std::move(r);
    EXPECT_EQ(moved.get(), read);
    w = std::move(moved);  // closes what it had
    EXPECT_FALSE(is_open(write));
    EXPECT_TRUE(is_open(read));
    Fd& same = w;
    w = std::move(same);
    EXPECT_TRUE(is_open(read));
    EXPECT_FALSE(Fd());
  }
  EXPECT_FALSE(is_open(read));
  Fd kept(::dup(0));
  const int released = kept.release();
  EXPECT_FALSE(kept);
  EXPECT_TRUE(is_open(released));
  ::close(released);
}

TEST(Fd, NonBlockingIsSetAndTakenBack) {
  auto [r, w] = make_pipe();
  set_non_blocking(r.get());
  char c = 0;
  EXPECT_EQ(::read(r.get(), &c, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  set_non_blocking(r.get(), false);
  EXPECT_EQ(::fcntl(r.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(error_of([] { set_non_blocking(-1); }).code().value(), EBADF);
}

TEST(Fd, WriteAllGoesOnAfterShortWrites) {
  auto [a, b] = make_socket_pair();
  const std::string sent(3'000'000, 'x');
  std::size_t received = 0;
  std::thread reader([&received, fd = b.get()] {
    char buffer[1000];
    for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) received += static_cast<std::size_t>(n);
  });
  EXPECT_TRUE(write_all(a.get(), sent));
  a.reset();
  reader.join();
  EXPECT_EQ(received, sent.size());
  EXPECT_FALSE(write_all(-1, "x"));
  EXPECT_EQ(errno, EBADF);
  EXPECT_TRUE(write_all(b.get(), ""));
}

TEST_F(Folder, UnixSockets) {
  const std::string path = in("s.sock");
  EXPECT_FALSE(connect_unix(path));  // no such file
  Fd listener = listen_unix(path, 0640);
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  EXPECT_TRUE(closes_on_exec(listener.get()));
  const Fd client = connect_unix(path);
  ASSERT_TRUE(client);
  const Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_EQ(peer_uid(server.get()), ::geteuid());
  EXPECT_EQ(peer_uid(client.get()), ::geteuid());
  EXPECT_TRUE(write_all(client.get(), "hello"));
  char buffer[5];
  EXPECT_EQ(::read(server.get(), buffer, 5), 5);

  // Somebody listens: the address is taken. Nobody does: the file that was left behind is replaced.
  const auto taken = error_of([&] { (void)listen_unix(path); });
  EXPECT_EQ(taken.code().value(), EADDRINUSE);
  EXPECT_THAT(taken.what(), HasSubstr(path));
  listener.reset();
  EXPECT_FALSE(connect_unix(path));  // refused
  listener = listen_unix(path);
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  EXPECT_TRUE(connect_unix(path));
}

// An address holds 107 bytes; a home's path may be longer.
TEST_F(Folder, UnixSocketsInDeepFolders) {
  const std::string deep = in(std::string(150, 'd')), path = deep + "/s.sock";
  EXPECT_FALSE(connect_unix(path));  // no such folder
  std::filesystem::create_directory(deep);
  EXPECT_FALSE(connect_unix(path));  // no such file
  Fd listener = listen_unix(path, 0640);
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  EXPECT_TRUE(connect_unix(path));
  EXPECT_EQ(error_of([&] { (void)listen_unix(path); }).code().value(), EADDRINUSE);
  listener.reset();
  EXPECT_FALSE(connect_unix(path));  // refused
  EXPECT_TRUE(listen_unix(path));    // the file that was left behind is replaced
}

TEST_F(Folder, UnixSocketErrorsNameTheCallAndThePath) {
  std::ofstream(in("file")) << "precious";
  EXPECT_EQ(error_of([&] { (void)listen_unix(in("file")); }).code().value(), EADDRINUSE);
  EXPECT_TRUE(std::filesystem::exists(in("file")));
  const auto absent = error_of([&] { (void)listen_unix(in("no/such/folder")); });
  EXPECT_EQ(absent.code().value(), ENOENT);
  EXPECT_THAT(absent.what(), HasSubstr("bind " + in("no/such/folder")));
  const std::string longest = in(std::string(200, 'x'));
  EXPECT_THAT(error_of([&] { (void)listen_unix(longest); }).what(), HasSubstr("bind " + longest));
  EXPECT_THAT(error_of([&] { (void)connect_unix(longest); }).what(), HasSubstr("connect " + longest));
  EXPECT_EQ(error_of([&] { (void)peer_uid(-1); }).code().value(), EBADF);
}

TEST(Fd, DescriptorsTravel) {
  auto [a, b] = make_socket_pair();
  auto [r, w] = make_pipe();
  const int sent[] = {r.get(), w.get()};
  ASSERT_TRUE(send_with_fds(a.get(), "hello", sent));
  std::string data = "before ";
  std::vector<Fd> fds;
  EXPECT_EQ(receive_with_fds(b.get(), data, fds), 5);
  EXPECT_EQ(data, "before hello");
  ASSERT_EQ(fds.size(), 2U);
  EXPECT_TRUE(closes_on_exec(fds[0].get()));
  EXPECT_TRUE(write_all(fds[1].get(), "x"));
  char c = 0;
  EXPECT_EQ(::read(r.get(), &c, 1), 1);
  EXPECT_EQ(c, 'x');

  ASSERT_TRUE(send_with_fds(a.get(), "more", {}));
  EXPECT_EQ(receive_with_fds(b.get(), data, fds, 2), 2);
  EXPECT_EQ(receive_with_fds(b.get(), data, fds), 2);
  EXPECT_EQ(data, "before hellomore");
  EXPECT_EQ(fds.size(), 2U);
  EXPECT_FALSE(send_with_fds(a.get(), "", sent));
  EXPECT_EQ(errno, EINVAL);
  set_non_blocking(b.get());
  EXPECT_EQ(receive_with_fds(b.get(), data, fds), -1);
  EXPECT_EQ(errno, EAGAIN);
  a.reset();
  EXPECT_EQ(receive_with_fds(b.get(), data, fds), 0);
  EXPECT_FALSE(send_with_fds(b.get(), "x", {}));  // no SIGPIPE
  EXPECT_EQ(errno, EPIPE);
}

TEST(Fd, DescriptorsComeWithTheFirstByteOfALongMessage) {
  auto [a, b] = make_socket_pair();
  const std::string sent(2'000'000, 'y');
  const int fd = a.get();
  std::thread writer([fd, &sent] { EXPECT_TRUE(send_with_fds(fd, sent, std::span(&fd, 1))); });
  std::string data;
  std::vector<Fd> fds;
  ASSERT_GT(receive_with_fds(b.get(), data, fds, 1), 0);
  EXPECT_EQ(fds.size(), 1U);
  while (data.size() < sent.size()) ASSERT_GT(receive_with_fds(b.get(), data, fds), 0);
  writer.join();
  EXPECT_EQ(fds.size(), 1U);
  EXPECT_EQ(data, sent);
}

TEST(Fd, AsManyDescriptorsAsTheKernelTakes) {
  auto [a, b] = make_socket_pair();
  const std::vector<int> most(253, 0), more(254, 0);
  EXPECT_FALSE(send_with_fds(a.get(), "x", more));
  EXPECT_EQ(errno, EINVAL);
  ASSERT_TRUE(send_with_fds(a.get(), "x", most));
  std::string data;
  std::vector<Fd> fds;
  EXPECT_EQ(receive_with_fds(b.get(), data, fds), 1);
  EXPECT_EQ(fds.size(), 253U);
}

TEST(Fd, NoRoomForADescriptorIsAnError) {
  auto [a, b] = make_socket_pair();
  const std::vector<int> many(64, 0);
  ASSERT_TRUE(send_with_fds(a.get(), "x", many));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(b.get()) + 8;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::string data;
  std::vector<Fd> fds;
  const long n = receive_with_fds(b.get(), data, fds);
  const int error = errno;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(n, -1);
  EXPECT_EQ(error, EMFILE);
}

}  // namespace
}  // namespace venturi
