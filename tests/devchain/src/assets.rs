//! The settlement assets: `pallet-assets` behind their ERC-20 precompiles, and what their issuer can do.

use crate::{
    actor::Actor,
    error::DispatchFailure,
    located::{account_of, Located},
    runtime::{Assets, Balance, Runtime, RuntimeOrigin},
    session::Session,
};
use frame_support::traits::fungibles::Inspect;
use sp_core::{crypto::AccountId32, H160};
use sp_runtime::{traits::StaticLookup, DispatchResult};

/// The least USDC an account may hold, in base units (0.01 USDC). Stablecoins on Asset Hub have a real minimum, and a
/// transfer that leaves less behind takes the rest along.
pub const USDC_MIN_BALANCE: Balance = 10_000;

/// USD Coin: asset 1337, 6 decimals, at `0x0000053900000000000000000000000001200000`.
pub const USDC: Asset =
    Asset { id: 1337, name: "USD Coin", symbol: "USDC", decimals: 6, min_balance: USDC_MIN_BALANCE };

/// Tether USD: asset 1984, 6 decimals, at `0x000007C000000000000000000000000001200000`.
pub const USDT: Asset = Asset { id: 1984, name: "Tether USD", symbol: "USDT", decimals: 6, min_balance: 10_000 };

/// An asset of the chain. Amounts are in its base units throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The id in `pallet-assets`.
    pub id: u32,
    /// The name in the metadata.
    pub name: &'static str,
    /// The symbol in the metadata.
    pub symbol: &'static str,
    /// Decimals of one whole token.
    pub decimals: u8,
    /// The least balance of an account, in base units.
    pub min_balance: Balance,
}

impl Asset {
    /// The address of its ERC-20 precompile: the id, then the prefix `0x0120` at byte 16.
    pub const fn precompile(&self) -> H160 {
        let [a, b, c, d] = self.id.to_be_bytes();
        H160([a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x20, 0, 0])
    }
}

impl Located for Asset {
    fn h160(&self) -> H160 {
        self.precompile()
    }
}

/// How the pallets write down an account in a call.
type Lookup = <Runtime as frame_system::Config>::Lookup;

/// The issuer of both assets: owner, admin and freezer at once.
pub(crate) fn issuer() -> Actor {
    Actor::substrate("issuer")
}

/// What the issuer may do. Each of these is a privileged call that no contract can prevent.
impl Session {
    /// Issues `amount` to `to`. A first balance below the minimum is refused.
    ///
    /// # Errors
    /// The pallet's refusal, for instance `Token(BelowMinimum)`.
    pub fn mint(&mut self, asset: Asset, to: impl Located, amount: Balance) -> Result<(), DispatchFailure> {
        self.as_issuer(to, |origin, who| Assets::mint(origin, asset.id, who, amount))
    }

    /// Destroys up to `amount` of what `from` holds: an issuer can do that to anybody, a contract included.
    ///
    /// # Errors
    /// The pallet's refusal, for instance when `from` holds none.
    pub fn burn(&mut self, asset: Asset, from: impl Located, amount: Balance) -> Result<(), DispatchFailure> {
        self.as_issuer(from, |origin, who| Assets::burn(origin, asset.id, who, amount))
    }

    /// Freezes the balance of `who`: it can receive, but nothing can leave.
    ///
    /// # Errors
    /// `Assets::NoAccount` if `who` has never held the asset.
    pub fn freeze(&mut self, asset: Asset, who: impl Located) -> Result<(), DispatchFailure> {
        self.as_issuer(who, |origin, who| Assets::freeze(origin, asset.id, who))
    }

    /// Blocks `who`: nothing can leave and nothing can arrive.
    ///
    /// # Errors
    /// `Assets::NoAccount` if `who` has never held the asset.
    pub fn block(&mut self, asset: Asset, who: impl Located) -> Result<(), DispatchFailure> {
        self.as_issuer(who, |origin, who| Assets::block(origin, asset.id, who))
    }

    /// Lifts a freeze or a block of `who`.
    ///
    /// # Errors
    /// `Assets::NoAccount` if `who` has never held the asset.
    pub fn thaw(&mut self, asset: Asset, who: impl Located) -> Result<(), DispatchFailure> {
        self.as_issuer(who, |origin, who| Assets::thaw(origin, asset.id, who))
    }

    /// Stops all transfers of the asset, for everybody.
    ///
    /// # Errors
    /// `Assets::AssetNotLive` if it is stopped already.
    pub fn freeze_asset(&mut self, asset: Asset) -> Result<(), DispatchFailure> {
        self.as_issuer(issuer(), |origin, _| Assets::freeze_asset(origin, asset.id))
    }

    /// Lets the asset move again.
    ///
    /// # Errors
    /// `Assets::NotFrozen` if it is not stopped.
    pub fn thaw_asset(&mut self, asset: Asset) -> Result<(), DispatchFailure> {
        self.as_issuer(issuer(), |origin, _| Assets::thaw_asset(origin, asset.id))
    }

    fn as_issuer(
        &mut self,
        who: impl Located,
        dispatch: impl FnOnce(RuntimeOrigin, <Lookup as StaticLookup>::Source) -> DispatchResult,
    ) -> Result<(), DispatchFailure> {
        let who = who.h160();
        let origin = RuntimeOrigin::signed(issuer().account().clone());
        self.administer(|| dispatch(origin, Lookup::unlookup(account_of(who))))
    }
}

/// Balances of the assets.
impl Session {
    /// What `who` holds, in base units.
    pub fn balance(&mut self, asset: Asset, who: impl Located) -> Balance {
        let who = who.h160();
        self.execute_with(|| Assets::balance(asset.id, account_of(who)))
    }

    /// All of the asset in existence, in base units.
    pub fn total_issuance(&mut self, asset: Asset) -> Balance {
        self.execute_with(|| <Assets as Inspect<AccountId32>>::total_issuance(asset.id))
    }

    /// Issues USDC, base units: [`Session::mint`] for the usual case.
    ///
    /// # Errors
    /// As [`Session::mint`].
    pub fn mint_usdc(&mut self, to: impl Located, amount: Balance) -> Result<(), DispatchFailure> {
        self.mint(USDC, to, amount)
    }

    /// What `who` holds of USDC, in base units.
    pub fn usdc(&mut self, who: impl Located) -> Balance {
        self.balance(USDC, who)
    }
}
