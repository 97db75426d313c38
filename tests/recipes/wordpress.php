<?php
// A stand-in of the parts of WordPress and WooCommerce that the plug-in uses, with their documented
// behaviour. Usage: php wordpress.php plugin.php '{"page": "product", ...}'; prints the page.
define( 'ABSPATH', '/' );
$scene = json_decode( $argv[2], true );
$_GET  = $scene['get'] ?? array();
$state = array( 'options' => $scene['options'] ?? array(), 'hooks' => array(), 'scripts' => array(), 'errors' => array() );

// Hooks.
function add_filter( $name, $run, $priority = 10, $count = 1 ) { $GLOBALS['state']['hooks'][ $name ][ $priority ][] = array( $run, $count ); }
function add_action( ...$given ) { add_filter( ...$given ); }
function apply_filters( $name, $value, ...$more ) {
	$all = $GLOBALS['state']['hooks'][ $name ] ?? array();
	ksort( $all );
	foreach ( $all as $runs ) { foreach ( $runs as [ $run, $count ] ) { $value = $run( ...array_slice( array( $value, ...$more ), 0, $count ) ); } }
	return $value;
}
function do_action( $name, ...$given ) { apply_filters( $name, ...( $given ?: array( null ) ) ); }
function add_shortcode( $name, $run ) { $GLOBALS['state']['shortcodes'][ $name ] = $run; }
function shortcode_atts( $pairs, $given ) { return array_merge( $pairs, array_intersect_key( (array) $given, $pairs ) ); }
function register_uninstall_hook( $file, $run ) {}
function __return_true() { return true; }
function plugin_basename( $file ) { return 'regulars/' . basename( $file ); }
function plugins_url( $path, $file ) { return '/wp-content/plugins/regulars/' . $path; }

// Text and its escaping.
function __( $text, $domain ) { return $text; }
function esc_attr( $text ) { return htmlspecialchars( (string) $text, ENT_QUOTES ); }
function esc_html( $text ) { return htmlspecialchars( (string) $text, ENT_QUOTES ); }
function esc_html_e( $text, $domain ) { echo esc_html( $text ); }
function sanitize_text_field( $text ) { return trim( strip_tags( $text ) ); }
function wp_unslash( $text ) { return stripslashes( $text ); }
function absint( $n ) { return abs( (int) $n ); }
function wp_json_encode( $data, $flags = 0 ) { return json_encode( $data, $flags ); }

// Options and the settings page.
function get_option( $name, $default = false ) { return $GLOBALS['state']['options'][ $name ] ?? $default; }
function delete_option( $name ) { unset( $GLOBALS['state']['options'][ $name ] ); }
function add_options_page( $title, $menu, $right, $slug, $run ) { $GLOBALS['state']['pages'][ $slug ] = array( $right, $run ); }
function register_setting( $group, $name, $how ) { $GLOBALS['state']['clean'] = $how['sanitize_callback']; }
function settings_fields( $group ) { echo '<input type="hidden" name="_wpnonce" value="n1">'; }
function add_settings_error( $setting, $code, $text ) { $GLOBALS['state']['errors'][] = $text; }
function current_user_can( $right ) { return $GLOBALS['scene']['may'] ?? true; }
function selected( $a, $b ) { echo $a === $b ? ' selected' : ''; }
function submit_button() { echo '<button>Save</button>'; }

// Scripts.
function wp_register_script( $handle, $src, $deps, $version, $args ) { $GLOBALS['state']['scripts'][ $handle ] = array( 'src' => $src, 'version' => $version, 'args' => $args, 'before' => '' ); }
function wp_enqueue_script( $handle, $src = '', $deps = array(), $version = false, $args = array() ) {
	if ( $src ) { wp_register_script( $handle, $src, $deps, $version, $args ); }
	$GLOBALS['state']['scripts'][ $handle ]['on'] = true;
}
function wp_add_inline_script( $handle, $text, $where ) {
	if ( 'before' !== $where ) { throw new Exception( 'an inline script after it takes away "async"' ); }
	$GLOBALS['state']['scripts'][ $handle ]['before'] = $text;
}
function print_scripts( $footer ) {
	foreach ( $GLOBALS['state']['scripts'] as $handle => $s ) {
		if ( empty( $s['on'] ) || $footer !== ( $s['args']['in_footer'] ?? false ) ) { continue; }
		$src = $s['src'] . ( null === $s['version'] ? '' : '?ver=' . $s['version'] );
		$tag = $s['before'] ? "<script id='$handle-js-before'>\n{$s['before']}\n</script>\n" : '';
		$tag .= "<script src='" . esc_attr( $src ) . "' id='$handle-js' {$s['args']['strategy']} data-wp-strategy='{$s['args']['strategy']}'></script>\n";
		echo apply_filters( 'script_loader_tag', $tag, $handle, $s['src'] );
	}
}

// Who is signed in.
function get_current_user_id() { return $GLOBALS['scene']['user'] ?? 0; }
function nocache_headers() { $GLOBALS['state']['uncached'] = true; }
if ( isset( $scene['secret'] ) ) { define( 'REGULARS_TOKEN_SECRET', $scene['secret'] ); }

// WP Consent API, where the scene has it.
if ( ! empty( $scene['consent_api'] ) ) {
	function wp_has_consent( $category ) { return false; }
	function wp_add_cookie_info( $name, $service, $category, $expires, $what, $data, ...$more ) { $GLOBALS['state']['cookies'][] = "$name/$category"; }
}

// WooCommerce, where the scene has it.
class Fields {
	public function __construct( public $f ) {}
	public function __call( $name, $given ) {
		$key = preg_replace( '/^get_/', '', $name );
		if ( ! array_key_exists( $key, $this->f ) ) { throw new Exception( "the stand-in has no $name()" ); }
		return $this->f[ $key ];
	}
	public function key_is_valid( $key ) { return hash_equals( $this->f['order_key'], $key ); }
	public function has_status( $status ) { return $this->f['status'] === $status; }
	public function get_items() { return array_map( fn( $f ) => new Fields( $f ), $this->f['items'] ); }
	public function get_product() { return wc_get_product( $this->f['product_id'] ); }
	public function get_item_total( $item, $with_tax ) { return $item->f['price']; }
	public function get_cart() { return array_map( fn( $line ) => array( 'data' => wc_get_product( $line[0] ), 'quantity' => $line[1] ), $this->f['cart'] ); }
}
class Session {
	public function get( $name, $default ) { return $GLOBALS['scene']['session'][ $name ] ?? $default; }
	public function set( $name, $value ) { $GLOBALS['scene']['session'][ $name ] = $value; }
}
if ( $scene['woocommerce'] ?? true ) {
	class WooCommerce { public $session; public $cart; }
	function WC() {
		static $wc;
		if ( ! $wc ) {
			$wc = new WooCommerce();
			$wc->session = new Session();
			$wc->cart = new Fields( array( 'cart' => $GLOBALS['scene']['cart'] ?? array(), 'cart_contents_total' => $GLOBALS['scene']['total'] ?? 0 ) );
		}
		return $wc;
	}
}
function wc_get_product( $id ) {
	$f = $GLOBALS['scene']['products'][ (string) $id ] ?? null;
	$none = array( 'id' => (int) $id, 'parent_id' => 0, 'image_id' => 0, 'sku' => '', 'price' => '', 'name' => '', 'permalink' => "/p/$id" );
	return $f ? new Fields( $f + $none ) : false;
}
function wc_get_order( $id ) { $f = $GLOBALS['scene']['orders'][ (string) $id ] ?? null; return $f ? new Fields( $f ) : false; }
function wc_get_price_to_display( $product ) { return $product->get_price(); }
function get_woocommerce_currency() { return 'EUR'; }
function wp_get_attachment_url( $id ) { return $id ? "/image-$id.jpg" : false; }
function wp_get_post_terms( $id, $taxonomy, $how ) { return $GLOBALS['scene']['terms'][ (string) $id ] ?? array(); }
function wp_doing_ajax() { return $GLOBALS['scene']['ajax'] ?? false; }
function on( $page ) { return $page === ( $GLOBALS['scene']['page'] ?? '' ); }
function is_product() { return on( 'product' ); }
function is_product_category() { return on( 'category' ); }
function is_search() { return on( 'search' ); }
function is_order_received_page() { return on( 'thanks' ); }
function is_checkout() { return on( 'checkout' ) || on( 'thanks' ); }
function is_cart() { return on( 'cart' ); }
function get_queried_object_id() { return $GLOBALS['scene']['id']; }
function get_queried_object() { return (object) $GLOBALS['scene']['term']; }
function get_search_query( $escaped ) { return $GLOBALS['scene']['query']; }
function get_query_var( $name ) { return $GLOBALS['scene']['vars'][ $name ] ?? ''; }

include $argv[1];
do_action( 'plugins_loaded' );
do_action( 'before_woocommerce_init' );
foreach ( $scene['added'] ?? array() as $line ) { do_action( 'woocommerce_add_to_cart', 'k', ...$line ); }

if ( 'settings' === ( $scene['page'] ?? '' ) ) {
	do_action( 'admin_menu' );
	do_action( 'admin_init' );
	if ( isset( $scene['post'] ) ) { $state['options']['regulars'] = ( $state['clean'] )( $scene['post'] ); }
	[ $right, $run ] = $state['pages']['regulars'];
	$run();
	echo '<script type="application/json" id="state">' . json_encode( array( $right, $state['options'], $state['errors'] ), JSON_HEX_TAG ) . '</script>';
	return;
}
do_action( 'wp_enqueue_scripts' );
echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">' . "\n";
echo $scene['head'] ?? '';
print_scripts( false );
echo "</head><body>\n" . ( $scene['body'] ?? '' );
foreach ( $scene['slots'] ?? array() as $slot ) { echo ( $state['shortcodes']['regulars_slot'] )( $slot ); }
print_scripts( true );
echo '<script type="application/json" id="state">' . json_encode( array( 'uncached' => defined( 'DONOTCACHEPAGE' ) && DONOTCACHEPAGE && ! empty( $state['uncached'] ), 'session' => $scene['session'] ?? array(), 'cookies' => $state['cookies'] ?? array(), 'registered' => apply_filters( 'wp_consent_api_registered_regulars/regulars.php', false ) ), JSON_HEX_TAG ) . "</script></body></html>\n";
