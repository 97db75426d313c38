<?php
// The entries in Shopware's cookie dialogue, around a stand-in of the shop's own.
namespace Shopware\Storefront\Framework\Cookie;
interface CookieProviderInterface { public function getCookieGroups(): array; }
class Own implements CookieProviderInterface {
	public function __construct( private array $groups ) {}
	public function getCookieGroups(): array { return $this->groups; }
}
require $argv[1] . '/src/Cookie/ConsentEntries.php';
echo json_encode( ( new \RegularsSnippet\Cookie\ConsentEntries( new Own( json_decode( $argv[2], true ) ) ) )->getCookieGroups() );
