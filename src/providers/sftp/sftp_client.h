// SFTP over a session of SSH. Each call blocks as the session does (ssh/ssh_session.h), and throws TaskFailed naming server and
// path: "SFTP: GET sftp://etl@files:22/in/a.csv: there is no such file".
//
// Written here and not on libssh's own client, which waits for the server without end, and for the answer to each piece that it
// writes before it sends the next.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "operators/outcome.h"
#include "providers/sftp/sftp_packet.h"
#include "providers/ssh/ssh_session.h"

namespace venturi::providers {

// The server said no.
class SftpRefused : public operators::TaskFailed {
 public:
  SftpRefused(const std::string& text, SftpStatus status_) : TaskFailed(text), status(status_) {}
  SftpStatus status;
};

class SftpClient {
 public:
  // Connects and logs in. Throws TaskFailed, and operators::Stopped where `stop` becomes readable, here and in each call.
  SftpClient(SshSettings settings, int stop);

  [[nodiscard]] const SshSettings& settings() const { return session_.settings(); }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return session_.warnings(); }
  [[nodiscard]] std::string shown(std::string_view path) const { return settings().shown(path); }

  // Nothing where there is no such file. Links are followed.
  [[nodiscard]] std::optional<SftpAttributes> stat(const std::string& path);
  // Without "." and "..", by name; links as such.
  [[nodiscard]] std::vector<SftpEntry> list(const std::string& folder);
  [[nodiscard]] std::string real_path(const std::string& path);
  void remove(const std::string& path);
  void remove_folder(const std::string& path);
  void make_folder(const std::string& path);
  // Atomically in the place of what is there (posix-rename@openssh.com), where the server can do that; otherwise it may fail
  // where `to` is there already.
  void rename(const std::string& from, const std::string& to);
  [[nodiscard]] bool renames_over_files() const { return extensions_.contains("posix-rename@openssh.com"); }

  // The file from its beginning, piece by piece, many of them on the way at once. How many bytes it had at the beginning, where
  // the server says that.
  std::optional<std::uint64_t> read(const std::string& path, const std::function<void(std::string_view)>& take);
  // A new file, or one in the place of what is there, of what `next` gives: up to that many bytes, nothing at the end. On the
  // server's disk, where it can say that. `mode`: permissions.
  void write(const std::string& path, std::optional<std::uint32_t> mode,
             const std::function<std::string_view(std::size_t)>& next);

  // For what has to be cleaned up after a stop, in less than that time.
  void clean_up_within(std::chrono::milliseconds time);

 private:
  struct Answer {
    SftpType type = SftpType::status;
    std::uint32_t id = 0;
    std::string body;
  };
  class Pieces;

  void begin();
  std::uint32_t send(SftpType type, const SftpBody& body);
  [[nodiscard]] Answer receive();
  [[nodiscard]] Answer ask(SftpType type, const SftpBody& body);
  [[nodiscard]] std::string open(SftpType type, const SftpBody& body);
  void close(const std::string& handle);
  void fill(std::size_t size);
  [[nodiscard]] SshSession::Clock::time_point until() const { return SshSession::Clock::now() + patience_; }
  void purpose(std::string_view what, std::string_view path);
  // Throws where it is not ok.
  void expect_ok(const Answer& answer) const;
  [[noreturn]] void refuse(const Answer& answer) const;
  [[noreturn]] void no_sftp(std::string_view why) const;

  SshSession session_;
  SshChannel channel_;
  std::chrono::milliseconds patience_;
  std::set<std::string, std::less<>> extensions_;
  std::uint32_t last_id_ = 0;
  std::string in_, out_;  // what is not read or sent yet
  bool passes_over_others_ = false;
};

}  // namespace venturi::providers
