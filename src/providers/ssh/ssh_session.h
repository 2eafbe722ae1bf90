// A connection to an SSH server: what SFTP and remote commands have in common. Over libssh, which is never left to wait by
// itself: each wait here ends when there is an answer, its time is over, or `stop` becomes readable.
//
//   TCP ─▶ key exchange ─▶ the server's key is checked ─▶ log-in ─▶ channels
//   refused, broken off, silent before the log-in: three attempts in all (a busy server turns some away)
//
// Each call blocks: in a process of its own (a mover), or in a thread beside the loop (ssh_beside.h). One thread at a time.
#pragma once

#include <libssh/libssh.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "operators/outcome.h"
#include "providers/ssh/ssh_settings.h"

namespace venturi::providers {

// The server went away, or said nothing for too long.
class SshLost : public operators::TaskFailed {
 public:
  using TaskFailed::TaskFailed;
};

struct SshChannelEnd {
  void operator()(ssh_channel channel) const { ::ssh_channel_free(channel); }
};
using SshChannel = std::unique_ptr<ssh_channel_struct, SshChannelEnd>;
struct SshKeyEnd {
  void operator()(ssh_key key) const { ::ssh_key_free(key); }
};
using SshKey = std::unique_ptr<ssh_key_struct, SshKeyEnd>;

class SshSession {
 public:
  using Clock = std::chrono::steady_clock;

  // `stop`: readable when all has to end; -1: nothing. It outlives the session. Throws TaskFailed, and operators::Stopped.
  SshSession(SshSettings settings, int stop);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  [[nodiscard]] const SshSettings& settings() const { return settings_; }
  [[nodiscard]] ssh_session get() const { return session_; }
  // What has to be said of it in the log.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  [[nodiscard]] SshChannel open_channel();

  // Until something comes, or can be sent. Throws SshLost at `until`, and Stopped.
  void wait(Clock::time_point until);
  // Throws Stopped: for what goes on without a wait.
  void check() const { pause(std::chrono::milliseconds(0)); }
  // For the last things to do after a stop: what was raised counts no more.
  void stop_no_more() { stop_ = -1; }
  // Calls `call` until it gives something else than `again`.
  template <class Call>
  int repeat(int again, Clock::time_point until, Call call) {
    for (;;) {
      const int result = call();
      if (result != again) return result;
      wait(until);
    }
  }

  // What is done, for errors: "SFTP: GET sftp://etl@host:22/in/a.csv". Empty: the connection alone.
  void set_purpose(std::string purpose) { purpose_ = std::move(purpose); }
  // In front of errors.
  [[nodiscard]] std::string shown() const { return purpose_.empty() ? "SSH: " + settings_.shown() : purpose_; }
  [[noreturn]] void lost(std::string_view why) const;
  // With what libssh says.
  [[noreturn]] void lost() const;

 private:
  void connect();
  void set_options();
  [[nodiscard]] Fd connected_socket();
  [[nodiscard]] Fd connected_to(const struct addrinfo& address, std::string& why);
  void pause(std::chrono::milliseconds time) const;
  void end();

  SshSettings settings_;
  int stop_;
  ssh_session session_ = nullptr;
  std::string purpose_;
  std::vector<std::string> warnings_;
};

// ---- ssh_host_key.cpp: throws TaskFailed where the server is not the one that is meant. What has to be said of it otherwise.
[[nodiscard]] std::string check_host_key(const SshSession& session);

// ---- ssh_login.cpp: throws TaskFailed where the server does not take what the connection has.
void log_in(SshSession& session);

}  // namespace venturi::providers
