#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "domain/names.hpp"
#include "domain/role.hpp"

namespace paylink {

struct OrganizationKind;
struct BankAccountKind;
struct UserKind;
struct MembershipKind;
struct ApiKeyKind;
struct AccessTokenKind;
struct ConnectionKind;
struct ProviderGrantKind;
struct PaymentLinkKind;
struct AttemptKind;
struct CaptureKind;
struct RefundKind;
struct ChargebackKind;
struct InvoiceKind;

using OrganizationId = Id<OrganizationKind>;
using BankAccountId = Id<BankAccountKind>;
using UserId = Id<UserKind>;
using MembershipId = Id<MembershipKind>;
using ApiKeyId = Id<ApiKeyKind>;
using AccessTokenId = Id<AccessTokenKind>;
using ConnectionId = Id<ConnectionKind>;
using ProviderGrantId = Id<ProviderGrantKind>;
using PaymentLinkId = Id<PaymentLinkKind>;
using AttemptId = Id<AttemptKind>;
using CaptureId = Id<CaptureKind>;
using RefundId = Id<RefundKind>;
using ChargebackId = Id<ChargebackKind>;
using InvoiceId = Id<InvoiceKind>;

struct Organization {
  OrganizationId id;
  std::string slug;  // the API key's login; unique in the installation
  std::string name;  // what payers read
};

struct BankAccount {
  OrganizationId organization;
  BankAccountId id;
  std::string name;
  std::string iban;
  std::string bic;
  std::string currency;  // ISO 4217
  bool main = true;      // where the organization's money goes
};

// A person in an organization.
struct Member {
  OrganizationId organization;
  MembershipId id;
  std::string email;
  Role role;
};

enum class ConnectionStatus : std::uint8_t { not_connected, pending, enabled, disabled };

inline constexpr auto connection_status_names = names<ConnectionStatus>({
    {ConnectionStatus::not_connected, "not_connected"},
    {ConnectionStatus::pending, "pending"},
    {ConnectionStatus::enabled, "enabled"},
    {ConnectionStatus::disabled, "disabled"},
});

}  // namespace paylink
