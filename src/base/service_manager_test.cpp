#include "base/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "base/fd.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;

class ServiceManagerTest : public testing::Test {
 protected:
  // Where datagrams to NOTIFY_SOCKET arrive.
  void listen(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
              0)
        << std::strerror(errno);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  std::string received() {
    char text[256];
    const ssize_t size = ::recv(socket_.get(), text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }
  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  std::string unique_ = "venturi_notify_" + std::to_string(::getpid());
  Fd socket_;
};

TEST_F(ServiceManagerTest, SaysHowTheServerIs) {
  const std::string path = testing::TempDir() + unique_;
  listen(path);
  const ServiceManager manager = ServiceManager::take_from_environment();
  EXPECT_TRUE(manager.is_there());
  EXPECT_FALSE(manager.watchdog_interval());
  manager.ready();
  EXPECT_EQ(received(), "READY=1");
  ::unlink(path.c_str());
  manager.stopping();  // nobody is at the path any more, and nobody is hurt
  EXPECT_EQ(received(), "");
}

TEST_F(ServiceManagerTest, SaysItInTheAbstractNamespaceToo) {
  listen("@" + unique_);
  const ServiceManager manager = ServiceManager::take_from_environment();
  manager.ready();
  manager.reloading();
  manager.keep_alive();
  manager.stopping();
  EXPECT_EQ(received(), "READY=1");
  EXPECT_THAT(received(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  EXPECT_EQ(received(), "WATCHDOG=1");
  EXPECT_EQ(received(), "STOPPING=1");
}

TEST_F(ServiceManagerTest, TakesTheVariablesAway) {
  listen("@" + unique_);
  ::setenv("WATCHDOG_USEC", "10000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager::take_from_environment().watchdog_interval(), 5s);
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) EXPECT_EQ(std::getenv(name), nullptr) << name;
}

TEST_F(ServiceManagerTest, IsNotWatchedInPlaceOfAnother) {
  listen("@" + unique_);
  ::setenv("WATCHDOG_USEC", "10000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(ServiceManager::take_from_environment().watchdog_interval());
}

TEST_F(ServiceManagerTest, WithoutAManagerNothingIsSaid) {
  const ServiceManager manager = ServiceManager::take_from_environment();
  EXPECT_FALSE(manager.is_there());
  manager.ready();
  ::setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
  EXPECT_FALSE(ServiceManager::take_from_environment().is_there());
}

}  // namespace
}  // namespace venturi
