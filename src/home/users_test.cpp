#include "home/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace venturi {
namespace {

using ::testing::HasSubstr;

class UsersTest : public ::testing::Test {
 protected:
  UsersTest() {
    std::string path = ::testing::TempDir() + "venturi_users_XXXXXX";
    folder_ = ::mkdtemp(path.data());
    home_ = open_home(folder_ / "home").value();
  }
  ~UsersTest() override { std::filesystem::remove_all(folder_); }

  Result<void> add(const std::string& name, const std::string& role) {
    return change_users(home_, [&](std::vector<User>& users) -> Result<void> {
      users.push_back({name, role, "hash-of-" + name});
      return {};
    });
  }

  std::filesystem::path folder_;
  Home home_;
};

TEST_F(UsersTest, AreAFileOfTheHome) {
  EXPECT_TRUE(read_users(home_)->empty());
  ASSERT_TRUE(add("bob", "op"));
  ASSERT_TRUE(add("ada", "viewer"));
  const auto users = read_users(home_).value();
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].name + users[0].role + users[0].password_hash, "adaviewerhash-of-ada");
  EXPECT_EQ(users[1].name, "bob");
  struct stat info{};
  ASSERT_EQ(::stat((home_.root / "users").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(UsersTest, AChangeThatIsRefusedChangesNothing) {
  ASSERT_TRUE(add("ada", "viewer"));
  const auto refused = change_users(home_, [](std::vector<User>& users) -> Result<void> {
    users.clear();
    return fail(ErrorKind::conflict, "no");
  });
  EXPECT_EQ(refused.error().what, "no");
  EXPECT_EQ(read_users(home_)->size(), 1U);
}

TEST_F(UsersTest, ALineThatIsNoneIsTold) {
  for (const char* line : {"ada viewer", "ada viewer hash more", "ada king hash"}) {
    std::ofstream(home_.root / "users") << "bob op hash\n" << line << "\n";
    EXPECT_THAT(read_users(home_).error().text(), HasSubstr("line 2 is not of the form")) << line;
  }
}

TEST(Passwords, AreKeptAsHashes) {
  const std::string hash = hash_of_password("correct horse");
  EXPECT_EQ(hash.find("correct"), std::string::npos);
  EXPECT_NE(hash, hash_of_password("correct horse")) << "each has a salt of its own";
  EXPECT_TRUE(is_password_of(hash, "correct horse"));
  EXPECT_FALSE(is_password_of(hash, "correct hors"));
}

TEST(Passwords, WhatIsNoHashIsNobodys) {
  for (const char* hash : {"", "correct", "scrypt:14:8:5:::more", "scrypt:14:8:5:AAAA", "scrypt:60:8:5:AAAA:AAAA",
                           "scrypt:0:8:5:AAAA:AAAA", "md5:14:8:5:AAAA:AAAA", "scrypt:14:8:5:AAAA:****"})
    EXPECT_FALSE(is_password_of(hash, "")) << hash;
}

}  // namespace
}  // namespace venturi
