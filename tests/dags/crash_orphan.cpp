// Tasks that leave processes behind, and one that writes while nobody reads; crash/orphans_test.py. Each works in the folder
// that the run's conf names, {"folder": ...}: it puts its pid into the file "began" and waits for a file "go".
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <venturi/dag.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>
#include <thread>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::string in_folder(const Context& context, const char* name) {
  return context.conf().get_string("folder") + "/" + name;
}

void begin_and_wait(const Context& context) {
  std::ofstream(in_folder(context, "began.new")) << ::getpid() << std::flush;
  if (::rename(in_folder(context, "began.new").c_str(), in_folder(context, "began").c_str()) != 0)
    throw std::system_error(errno, std::generic_category(), "rename");
  while (::access(in_folder(context, "go").c_str(), F_OK) != 0) std::this_thread::sleep_for(5ms);
}

// Double-forked, in a session of its own: nothing but its environment tells whose it is. It appends to "beats" for ever.
void leave_behind(const Context& context) {
  const std::string path = in_folder(context, "beats");
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    for (int own = 0; own < 3; ++own) ::close(own);
    while (::write(fd, ".", 1) == 1) ::usleep(5000);
    ::_exit(1);
  }
  if (::waitpid(child, nullptr, 0) != child) throw std::system_error(errno, std::generic_category(), "waitpid");
}

void beat(const Context& context) {
  leave_behind(context);
  begin_and_wait(context);
}

// The password is a secret by its name: the log must not show it.
void tell(const Context& context) {
  const std::string password = context.get_variable("api_password");
  begin_and_wait(context);
  context.log().info("logged while nobody read: ", password);
  std::cout << "printed while nobody read: " << password << std::endl;
  std::ofstream(in_folder(context, "written")) << "written" << std::flush;
  for (;;) ::pause();
}

}  // namespace

VENTURI_DAG(crash_beat, {.is_paused_upon_creation = false}) {
  dag.task<beat>();
}
VENTURI_DAG(crash_tell, {.is_paused_upon_creation = false}) {
  dag.task<tell>();
}
