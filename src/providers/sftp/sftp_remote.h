// A server of SFTP for operators in the loop: calls in a thread beside it (ssh/ssh_beside.h), one after the other over one
// connection. One that was left alone for a while, or failed, is made anew: servers close what is idle.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/background.h"
#include "operators/operator_try.h"
#include "providers/sftp/sftp_client.h"
#include "providers/sftp/sftp_files.h"
#include "providers/ssh/ssh_beside.h"

namespace venturi::providers {

class SftpRemote {
 public:
  // Takes of the try's memory what a transfer needs.
  SftpRemote(operators::OperatorTry& t, SshSettings settings);
  SftpRemote(const SftpRemote&) = delete;
  SftpRemote& operator=(const SftpRemote&) = delete;
  // What runs notices within a moment.
  ~SftpRemote() { kept_->stop.raise(); }

  [[nodiscard]] std::string shown(std::string_view path) const { return kept_->settings.shown(path); }

  [[nodiscard]] boost::asio::awaitable<std::optional<SftpAttributes>> stat(std::string path);
  // How many bytes. The file appears under its name when it is complete, here and there.
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> download(std::string remote, std::string local);
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> upload(std::string local, std::string remote, bool confirm);
  [[nodiscard]] boost::asio::awaitable<SftpTree> tree(std::string folder);
  // Those in a folder, not below it: links to files too.
  [[nodiscard]] boost::asio::awaitable<std::vector<std::string>> files_in(std::string folder);
  [[nodiscard]] boost::asio::awaitable<void> make_folders(std::string folder);
  [[nodiscard]] boost::asio::awaitable<void> remove(std::string path);

 private:
  struct Kept {
    explicit Kept(SshSettings its) : settings(std::move(its)) {}
    SftpClient& connected();

    const SshSettings settings;
    SshStop stop;
    std::unique_ptr<SftpClient> sftp;
    std::chrono::steady_clock::time_point last_used;
    std::vector<std::string> notes;
  };

  // What `work(sftp, say)` gives. It owns what it uses.
  template <class Work, class R = std::invoke_result_t<Work&, SftpClient&, const SftpSay&>>
  boost::asio::awaitable<R> call(Work work) {
    auto job = [kept = kept_, work = std::move(work)]() mutable {
      try {
        R result = work(kept->connected(), [&kept](std::string_view text) { kept->notes.emplace_back(text); });
        kept->last_used = std::chrono::steady_clock::now();
        return result;
      } catch (...) {
        kept->sftp.reset();
        throw;
      }
    };
    try {
      R result = co_await net::in_background(std::move(job), net::BackgroundPool::remote);
      tell();
      co_return result;
    } catch (const operators::TaskFailed&) {  // the work's: otherwise it may be under way still
      tell();
      throw;
    }
  }
  void tell() {
    for (const std::string& note : std::exchange(kept_->notes, {})) t_.log.warning(note);
  }

  operators::OperatorTry& t_;
  std::shared_ptr<Kept> kept_;
};

}  // namespace venturi::providers
