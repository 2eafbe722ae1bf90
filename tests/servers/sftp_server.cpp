#include "servers/sftp_server.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "servers/local_port.h"

namespace venturi::tests {
namespace {

constexpr const char* program = "/usr/sbin/sshd";

// The server does not start without it, be it as root.
void make_separation_folder() {
  if (::geteuid() == 0) (void)::mkdir("/run/sshd", 0755);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream rest(text.substr(std::min(text.rfind(')') + 1, text.size())));
    std::string state;
    pid_t its_parent = 0;
    if (rest >> state >> its_parent && its_parent == parent) children.push_back(std::stoi(name));
  }
  return children;
}

}  // namespace

void ssh_keygen(const std::vector<std::string>& arguments) {
  TestFolder folder;
  ServerProcess keygen(ServerProgram{
      .program = "/usr/bin/ssh-keygen", .package = "openssh-client", .arguments = arguments, .output_file = folder / "log"});
  if (!becomes_true([&] { return keygen.has_ended(); })) throw std::runtime_error("ssh-keygen does not end");
}

SftpServer::SftpServer(const SftpServerOptions& options) : port_(options.port == 0 ? free_port() : options.port) {
  make_separation_folder();
  ssh_keygen({"-q", "-t", "ed25519", "-N", "", "-f", folder_ / "host_ed25519"});
  std::ostringstream settings;
  settings << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey " << folder_ / "host_ed25519" << "\nPidFile none\n"
           << "AuthorizedKeysFile " << folder_ / "authorized" << "\nStrictModes no\nPermitRootLogin yes\nUsePAM no\n"
           << "MaxStartups 100\nSubsystem sftp internal-sftp\n";
  for (const std::string& line : options.settings) settings << line << "\n";
  const std::string config = folder_.write("sshd_config", settings.str());
  process_ = std::make_unique<ServerProcess>(ServerProgram{.program = program,
                                                           .package = "openssh-server",
                                                           .arguments = {"-D", "-e", "-f", config},
                                                           .output_file = folder_ / "log"});
  if (!becomes_true([this] { return process_->has_ended() || listens(port_); }) || process_->has_ended())
    throw std::runtime_error("sshd does not answer: " + log());
}

void SftpServer::cut_connections() const {
  for (const pid_t child : children_of(process_->pid())) {
    for (const pid_t grandchild : children_of(child)) ::kill(grandchild, SIGKILL);
    ::kill(child, SIGKILL);
  }
}

int SftpServer::stop_connections() const {
  int count = 0;
  for (const pid_t child : children_of(process_->pid())) {
    for (const pid_t grandchild : children_of(child)) ::kill(grandchild, SIGSTOP);
    if (::kill(child, SIGSTOP) == 0) ++count;
  }
  return count;
}

std::string SftpServer::client_key(const std::string& type, const std::string& passphrase) const {
  const std::string path = folder_ / ("client_" + type + (passphrase.empty() ? "" : "_locked"));
  if (::access(path.c_str(), F_OK) != 0) {
    ssh_keygen({"-q", "-t", type, "-N", passphrase, "-f", path});
    std::ofstream(folder_ / "authorized", std::ios::app) << read_file(path + ".pub");
  }
  return path;
}

std::string SftpServer::host_key() const {
  std::istringstream line(read_file(folder_ / "host_ed25519.pub"));
  std::string type, key;
  line >> type >> key;
  return type + " " + key;
}

std::string SftpServer::log() const {
  return read_file(folder_ / "log");
}

std::string SftpServer::user() {
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? std::string() : user->pw_name;
}

}  // namespace venturi::tests
