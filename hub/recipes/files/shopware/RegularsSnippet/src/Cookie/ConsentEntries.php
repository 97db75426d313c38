<?php declare(strict_types=1);

namespace RegularsSnippet\Cookie;

use Shopware\Storefront\Framework\Cookie\CookieProviderInterface;

/** Two entries in the shop's cookie dialogue: one for statistics, one for personal offers. */
class ConsentEntries implements CookieProviderInterface
{
    private const ENTRIES = [
        'cookie.groupStatistical' => ['regulars.statistics', 'regulars-statistics'],
        'cookie.groupMarketing' => ['regulars.personalisation', 'regulars-personalisation'],
    ];

    private CookieProviderInterface $inner;

    public function __construct(CookieProviderInterface $inner)
    {
        $this->inner = $inner;
    }

    public function getCookieGroups(): array
    {
        $groups = array_values($this->inner->getCookieGroups());
        foreach (self::ENTRIES as $name => [$text, $cookie]) {
            $entry = [
                'snippet_name' => $text . 'Name',
                'snippet_description' => $text . 'Description',
                'cookie' => $cookie,
                'value' => '1',
                'expiration' => '365',
            ];
            $at = array_search($name, array_column($groups, 'snippet_name'), true);
            if ($at === false) {
                $groups[] = ['snippet_name' => $name, 'entries' => [$entry]];
            } else {
                $groups[$at]['entries'][] = $entry;
            }
        }

        return $groups;
    }
}
