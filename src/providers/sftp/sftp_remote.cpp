#include "providers/sftp/sftp_remote.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds longest_rest{10};
// What is on the way, and what libssh keeps of it.
constexpr std::size_t memory_of_transfer = 3UL << 20U;

}  // namespace

SftpRemote::SftpRemote(operators::OperatorTry& t, SshSettings settings)
    : t_(t), kept_(std::make_shared<Kept>(std::move(settings))) {
  t.memory.take(memory_of_transfer, "a transfer of SFTP");
}

SftpClient& SftpRemote::Kept::connected() {
  if (sftp && std::chrono::steady_clock::now() - last_used > longest_rest) sftp.reset();
  if (sftp) return *sftp;
  const bool is_first = last_used == std::chrono::steady_clock::time_point();
  sftp = std::make_unique<SftpClient>(settings, stop.fd());
  if (is_first) notes = sftp->warnings();
  return *sftp;
}

asio::awaitable<std::optional<SftpAttributes>> SftpRemote::stat(std::string path) {
  auto work = [path = std::move(path)](SftpClient& sftp, const SftpSay& /*say*/) { return sftp.stat(path); };
  co_return co_await call(std::move(work));
}

asio::awaitable<std::uint64_t> SftpRemote::download(std::string remote, std::string local) {
  auto work = [remote = std::move(remote), local = std::move(local), tag = t_.facts.ti_id](SftpClient& sftp,
                                                                                           const SftpSay& say) {
    return sftp_download(sftp, remote, local, {.tag = tag, .say = say});
  };
  co_return co_await call(std::move(work));
}

asio::awaitable<std::uint64_t> SftpRemote::upload(std::string local, std::string remote, bool confirm) {
  auto work = [remote = std::move(remote), local = std::move(local), confirm, tag = t_.facts.ti_id](SftpClient& sftp,
                                                                                                    const SftpSay& say) {
    return sftp_upload(sftp, local, remote, {.tag = tag, .confirm = confirm, .say = say});
  };
  co_return co_await call(std::move(work));
}

asio::awaitable<SftpTree> SftpRemote::tree(std::string folder) {
  auto work = [folder = std::move(folder)](SftpClient& sftp, const SftpSay& say) { return sftp_tree(sftp, folder, say); };
  co_return co_await call(std::move(work));
}

asio::awaitable<std::vector<std::string>> SftpRemote::files_in(std::string folder) {
  auto work = [folder = std::move(folder)](SftpClient& sftp, const SftpSay& /*say*/) {
    std::vector<std::string> names;
    for (const SftpEntry& entry : sftp.list(folder)) {
      const auto attributes = entry.attributes.is_link() ? sftp.stat(sftp_joined(folder, entry.name)) : entry.attributes;
      if (attributes && !attributes->is_folder() && attributes->is_file()) names.push_back(entry.name);
    }
    return names;
  };
  co_return co_await call(std::move(work));
}

asio::awaitable<void> SftpRemote::make_folders(std::string folder) {
  auto work = [folder = std::move(folder)](SftpClient& sftp, const SftpSay& /*say*/) {
    sftp_make_folders(sftp, folder);
    return true;
  };
  (void)co_await call(std::move(work));
}

asio::awaitable<void> SftpRemote::remove(std::string path) {
  auto work = [path = std::move(path)](SftpClient& sftp, const SftpSay& /*say*/) {
    sftp.remove(path);
    return true;
  };
  (void)co_await call(std::move(work));
}

}  // namespace venturi::providers
