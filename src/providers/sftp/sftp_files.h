// Files and folders between here and an SFTP server, in constant memory. Each call blocks as SftpClient's.
//
//   download   a hidden file beside the target here ──renamed when it is complete──▶ the target
//   upload     .NAME.TAG.tmp beside the target there ──sizes compared, renamed──────▶ the target
//
// What goes wrong, or is stopped, leaves the target as it was, and takes away what was begun. Where the connection is lost the
// temporary file of an upload stays there. `tag` makes it one of the try's own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sftp/sftp_client.h"

namespace venturi::providers {

using SftpSay = std::function<void(std::string_view)>;

struct SftpTransfer {
  std::string tag;
  bool confirm = true;  // of an upload: the size there is looked at
  SftpSay say = {};     // for the log: what is worth knowing
};

// How many bytes. Throws TaskFailed where other bytes arrive than the server said.
std::uint64_t sftp_download(SftpClient& sftp, const std::string& remote, const std::string& local, const SftpTransfer& how);
std::uint64_t sftp_upload(SftpClient& sftp, const std::string& local, const std::string& remote, const SftpTransfer& how);

// With all that is in it, as a whole or not at all; the target must not be there. How many files.
std::size_t sftp_download_folder(SftpClient& sftp, const std::string& remote, const std::string& local,
                                 const SftpTransfer& how);
std::size_t sftp_upload_folder(SftpClient& sftp, const std::string& local, const std::string& remote, const SftpTransfer& how);

// With those above it; one that is there is fine.
void sftp_make_folders(SftpClient& sftp, const std::string& folder);
// A folder with all that is in it. How many files and folders.
std::size_t sftp_remove_tree(SftpClient& sftp, const std::string& folder);

struct SftpTree {
  std::vector<std::string> folders, files;  // relative, folders before what is in them
};
// Links to files count as files; links to folders, and what is neither, are passed over.
[[nodiscard]] SftpTree sftp_tree(SftpClient& sftp, const std::string& folder, const SftpSay& say);

[[nodiscard]] std::string sftp_joined(const std::string& folder, const std::string& name);
// "" of "a", "/" of "/a".
[[nodiscard]] std::string sftp_folder_of(const std::string& path);

}  // namespace venturi::providers
