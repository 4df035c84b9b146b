//! The runtime: the pallets of Polkadot Hub that a contract can notice, with the Hub's block limits.

mod extrinsic;

use extrinsic::{Address, EthExtraImpl, Signature, UncheckedExtrinsic};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{AsEnsureOriginWithArg, ConstBool, ConstU128, ConstU32, ConstU64},
    weights::{
        constants::{BlockExecutionWeight, ExtrinsicBaseWeight, RocksDbWeight, WEIGHT_REF_TIME_PER_SECOND},
        ConstantMultiplier, Weight,
    },
};
use frame_system::{limits::BlockWeights, EnsureRoot, EnsureSigned};
use pallet_assets_precompiles::{InlineIdConfig, ERC20};
use pallet_revive::{
    evm::fees::{BlockRatioFee, Info as FeeInfo},
    AccountId32Mapper,
};
use pallet_transaction_payment::{ConstFeeMultiplier, Multiplier};
use sp_core::crypto::AccountId32;
use sp_runtime::{
    generic,
    traits::{BlakeTwo256, One},
    Perbill,
};

/// Native balance, in plancks (12 decimals).
pub type Balance = u128;
pub(crate) type Header = generic::Header<u32, BlakeTwo256>;
/// A block of this chain.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// One native token, in plancks.
pub const UNIT: Balance = 1_000_000_000_000;
/// The least native balance that keeps an account alive, in plancks.
pub const EXISTENTIAL_DEPOSIT: Balance = UNIT / 100;
/// Wei (18 decimals, what contracts see) to one planck (12 decimals, what the chain books).
pub const WEI_PER_PLANCK: u32 = 1_000_000;
/// The EIP-155 chain id: part of every EIP-712 domain.
pub const CHAIN_ID: u64 = 420_420_420;
/// The most that fits into one block: 2 s of reference time and 10 MiB of proof.
pub const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND.saturating_mul(2), 10 * 1024 * 1024);

const MILLICENT: Balance = UNIT / 100_000;
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// Marks the addresses of assets with inline ids; it sits in bytes 16 and 17 of the address.
const ASSET_PRECOMPILE_PREFIX: u16 = 0x0120;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    /// The runtime of the development chain.
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Runtime>;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(3)]
    pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
    #[runtime::pallet_index(4)]
    pub type Revive = pallet_revive::Pallet<Runtime>;
    #[runtime::pallet_index(5)]
    pub type Assets = pallet_assets::Pallet<Runtime>;
    // The precompile implements EIP-2612, so it will not compile without its nonces.
    #[runtime::pallet_index(6)]
    pub type AssetsPermit = pallet_assets_precompiles::permit::pallet::Pallet<Runtime>;
}

parameter_types! {
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |weights| {
            weights.base_extrinsic = ExtrinsicBaseWeight::get();
        })
        .for_class(DispatchClass::Normal, |weights| {
            weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAX_BLOCK_WEIGHT);
        })
        .for_class(DispatchClass::Operational, |weights| {
            weights.max_total = Some(MAX_BLOCK_WEIGHT);
            weights.reserved = Some(MAX_BLOCK_WEIGHT - NORMAL_DISPATCH_RATIO * MAX_BLOCK_WEIGHT);
        })
        .avg_block_initialization(Perbill::from_percent(10))
        .build_or_panic();
    pub FeeMultiplier: Multiplier = Multiplier::one();
    pub const CodeHashLockupDepositPercent: Perbill = Perbill::from_percent(30);
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    // The default counts storage accesses as free, which would make every measured weight too small.
    type DbWeight = RocksDbWeight;
    type AccountId = AccountId32;
    type Nonce = u32;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = frame_support::traits::VariantCountOf<RuntimeFreezeReason>;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Runtime {}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Runtime {
    type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, ()>;
    type WeightToFee = BlockRatioFee<1, 1, Self, Balance>;
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<{ 10 * MILLICENT }>>;
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Runtime {
    type Balance = Balance;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId32>>;
    type ForceOrigin = EnsureRoot<AccountId32>;
    type AssetDeposit = ConstU128<UNIT>;
    type AssetAccountDeposit = ConstU128<{ UNIT / 100 }>;
    type MetadataDepositBase = ConstU128<{ UNIT / 100 }>;
    type MetadataDepositPerByte = ConstU128<MILLICENT>;
    type ApprovalDeposit = ConstU128<{ UNIT / 100 }>;
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
}

impl pallet_assets_precompiles::permit::pallet::Config for Runtime {
    type ChainId = ConstU64<CHAIN_ID>;
    // The unit type carries the benchmarked weights.
    type WeightInfo = ();
}

#[derive_impl(pallet_revive::config_preludes::TestDefaultConfig)]
impl pallet_revive::Config for Runtime {
    type AddressMapper = AccountId32Mapper<Self>;
    type ChainId = ConstU64<CHAIN_ID>;
    type CodeHashLockupDepositPercent = CodeHashLockupDepositPercent;
    type Balance = Balance;
    type Currency = Balances;
    type NativeToEthRatio = ConstU32<WEI_PER_PLANCK>;
    type UploadOrigin = EnsureSigned<Self::AccountId>;
    type InstantiateOrigin = EnsureSigned<Self::AccountId>;
    type Time = Timestamp;
    type FeeInfo = FeeInfo<Address, Signature, EthExtraImpl>;
    // Off as on the Hub: debug mode would lift the limit on blob size.
    type DebugEnabled = ConstBool<false>;
    type Precompiles = (ERC20<Self, InlineIdConfig<ASSET_PRECOMPILE_PREFIX>>,);
    type WeightInfo = pallet_revive::weights::SubstrateWeight<Runtime>;
}
