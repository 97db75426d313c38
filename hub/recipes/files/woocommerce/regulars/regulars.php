<?php
/**
 * Plugin Name:       Regulars
 * Description:       Puts the snippet of your Regulars hub on every page and tells it, with the visitor's consent, which products are looked at, put into the basket and ordered.
 * Version:           __VERSION__
 * Requires at least: 6.3
 * Requires PHP:      7.4
 * License:           Apache-2.0
 * License URI:       https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain:       regulars
 */

defined( 'ABSPATH' ) || exit;

const REGULARS_DEFAULTS = array(
	'origin'  => '__HUB_ORIGIN__',
	'key'     => '__HUB_KEY__',
	'consent' => '',
);
const REGULARS_ADDED    = 'regulars_added';

/** One setting: what was saved, else what the hub wrote into this file. */
function regulars_setting( $name ) {
	$saved = get_option( 'regulars', array() );
	$value = is_array( $saved ) && isset( $saved[ $name ] ) ? (string) $saved[ $name ] : '';
	return '' !== $value ? $value : REGULARS_DEFAULTS[ $name ];
}

/* ---------------------------------------------------------------- the snippet in the head */

/** Loads the snippet without blocking the page, with what this page is about before it. */
function regulars_enqueue() {
	$origin = regulars_setting( 'origin' );
	if ( '' === $origin || '' === regulars_setting( 'key' ) ) {
		return;
	}
	$place = array( 'strategy' => 'async', 'in_footer' => false );
	wp_register_script( 'regulars', $origin . '/s.js', array(), null, $place );
	wp_add_inline_script( 'regulars', regulars_inline(), 'before' );
	wp_enqueue_script( 'regulars' );
	if ( function_exists( 'WC' ) ) {
		$place = array( 'strategy' => 'defer', 'in_footer' => true );
		wp_enqueue_script( 'regulars-shop', plugins_url( 'assets/shop.js', __FILE__ ), array(), '__VERSION__', $place );
	}
}
add_action( 'wp_enqueue_scripts', 'regulars_enqueue' );

/** The calls of this page as script. Every "<" is escaped, so no title can end the script. */
function regulars_inline() {
	$flags = JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT;
	$lines = 'window.regulars=window.regulars||function(){(regulars.q=regulars.q||[]).push(arguments)};';
	$token = regulars_token();
	$first = '' === $token ? array() : array( array( 'identify', array( 'token' => $token ) ) );
	foreach ( array_merge( $first, regulars_calls() ) as $call ) {
		$json = wp_json_encode( $call, $flags );
		if ( $json ) {
			$lines .= "\nregulars.apply(null," . $json . ');';
		}
	}
	return $lines;
}

/** Proves to the hub who is signed in here: for ten minutes, and in one browser. "" for guests. */
function regulars_token() {
	$id = get_current_user_id();
	if ( ! $id || ! defined( 'REGULARS_TOKEN_SECRET' ) || '' === (string) REGULARS_TOKEN_SECRET ) {
		return '';
	}
	// No cache may keep a page with the token of one customer for another one.
	if ( ! defined( 'DONOTCACHEPAGE' ) ) {
		define( 'DONOTCACHEPAGE', true );
	}
	if ( ! headers_sent() ) {
		nocache_headers();
	}
	$claims = array(
		'sub' => (string) $id,
		'aud' => regulars_setting( 'key' ),
		'exp' => time() + 600,
		'jti' => bin2hex( random_bytes( 16 ) ),
	);
	$text   = regulars_base64url( '{"alg":"HS256","typ":"JWT"}' ) . '.' . regulars_base64url( wp_json_encode( $claims ) );
	return $text . '.' . regulars_base64url( hash_hmac( 'sha256', $text, REGULARS_TOKEN_SECRET, true ) );
}

function regulars_base64url( $bytes ) {
	return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
}

/** The attributes that the snippet reads from its own tag. */
function regulars_tag( $tag, $handle ) {
	if ( 'regulars' !== $handle ) {
		return $tag;
	}
	$extra   = ' crossorigin="anonymous" data-key="' . esc_attr( regulars_setting( 'key' ) ) . '"';
	$consent = regulars_setting( 'consent' );
	if ( '' === $consent && function_exists( 'wp_has_consent' ) ) {
		$consent = 'wp';
	}
	if ( '' !== $consent && 'hub' !== $consent ) {
		$extra .= ' data-consent="' . esc_attr( $consent ) . '"';
	}
	// Of the tags printed for this handle, only the one with a source is ours to extend.
	return preg_replace( '/<script(?=[^>]*\ssrc=)/', '<script' . str_replace( array( '\\', '$' ), array( '\\\\', '\\$' ), $extra ), $tag, 1 );
}
add_filter( 'script_loader_tag', 'regulars_tag', 10, 2 );

/** [regulars_slot name="home-top" height="96 180"] keeps room for a widget. */
function regulars_slot( $given ) {
	$given  = shortcode_atts( array( 'name' => '', 'height' => '' ), $given, 'regulars_slot' );
	$height = '' === $given['height'] ? '' : ' data-regulars-height="' . esc_attr( $given['height'] ) . '"';
	return '' === $given['name'] ? '' : '<div data-regulars-slot="' . esc_attr( $given['name'] ) . '"' . $height . '></div>';
}
add_shortcode( 'regulars_slot', 'regulars_slot' );

/* ---------------------------------------------------------------- what happens in the shop */

/** What this page view tells, as arguments of regulars(...). */
function regulars_calls() {
	if ( ! function_exists( 'WC' ) ) {
		return array();
	}
	$calls = regulars_added_before();
	if ( is_product() ) {
		$product = wc_get_product( get_queried_object_id() );
		if ( $product ) {
			$calls[] = array( 'product', regulars_product( $product ) );
		}
	} elseif ( is_product_category() ) {
		$term    = get_queried_object();
		$calls[] = array( 'track', 'Product List Viewed', array( 'list_id' => (string) $term->term_id, 'category' => $term->name ) );
	} elseif ( is_search() ) {
		$calls[] = array( 'track', 'Products Searched', array( 'query' => get_search_query( false ) ) );
	} elseif ( is_order_received_page() ) {
		$calls = array_merge( $calls, regulars_order() );
	} elseif ( is_checkout() ) {
		$calls[] = array( 'track', 'Checkout Started', regulars_basket() );
	} elseif ( is_cart() ) {
		$calls[] = array( 'track', 'Cart Viewed', regulars_basket() );
	}
	return $calls;
}

/** One product as the hub names things. The id is that of the parent, as the connector has it. */
function regulars_product( $product, $quantity = null ) {
	$parent = $product->get_parent_id();
	$image  = wp_get_attachment_url( $product->get_image_id() );
	$terms  = wp_get_post_terms( $parent ? $parent : $product->get_id(), 'product_cat', array( 'fields' => 'names' ) );
	$fields = array(
		'product_id' => (string) ( $parent ? $parent : $product->get_id() ),
		'variant'    => $parent ? (string) $product->get_id() : null,
		'sku'        => $product->get_sku(),
		'name'       => $product->get_name(),
		'category'   => is_array( $terms ) && $terms ? $terms[0] : null,
		'price'      => '' === $product->get_price() ? null : (float) wc_get_price_to_display( $product ),
		'currency'   => get_woocommerce_currency(),
		'url'        => $product->get_permalink(),
		'image_url'  => $image ? $image : null,
		'quantity'   => $quantity,
	);
	return array_filter( $fields, 'regulars_given' );
}

function regulars_given( $value ) {
	return null !== $value && '' !== $value;
}

/** The basket of this visitor. */
function regulars_basket() {
	$products = array();
	$value    = 0.0;
	if ( WC()->cart ) {
		foreach ( WC()->cart->get_cart() as $item ) {
			$products[] = regulars_product( $item['data'], (int) $item['quantity'] );
		}
		$value = (float) WC()->cart->get_cart_contents_total();
	}
	return array( 'value' => $value, 'currency' => get_woocommerce_currency(), 'products' => $products );
}

/** The order of the thank-you page, shown to nobody without its key. */
function regulars_order() {
	$order = wc_get_order( absint( get_query_var( 'order-received' ) ) );
	// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- the key itself is the proof.
	$key = isset( $_GET['key'] ) && is_string( $_GET['key'] ) ? sanitize_text_field( wp_unslash( $_GET['key'] ) ) : '';
	if ( ! $order || ! $order->key_is_valid( $key ) || $order->has_status( 'failed' ) ) {
		return array();
	}
	$products = array();
	foreach ( $order->get_items() as $item ) {
		$product    = $item->get_product();
		$line       = $product ? regulars_product( $product, (int) $item->get_quantity() ) : array(
			'product_id' => (string) $item->get_product_id(),
			'name'       => $item->get_name(),
			'quantity'   => (int) $item->get_quantity(),
		);
		$line['price'] = (float) $order->get_item_total( $item, true );
		$products[]    = $line;
	}
	$total    = (float) $order->get_total();
	$shipping = (float) $order->get_shipping_total();
	$tax      = (float) $order->get_total_tax();
	$told     = array(
		'order_id'  => (string) $order->get_id(),
		'order_key' => $order->get_order_key(),
		'total'     => $total,
		'revenue'   => round( $total - $shipping - $tax, 4 ),
		'shipping'  => $shipping,
		'tax'       => $tax,
		'discount'  => (float) $order->get_discount_total(),
		'coupon'    => implode( ', ', $order->get_coupon_codes() ),
		'currency'  => $order->get_currency(),
		'products'  => $products,
	);
	return array( array( 'track', 'Order Completed', array_filter( $told, 'regulars_given' ) ) );
}

/** A basket form that loads a new page: told on that page. Scripts tell of the others themselves. */
function regulars_remember_added( $cart_key, $product_id, $quantity, $variation_id = 0 ) {
	$scripted = wp_doing_ajax() || ( defined( 'REST_REQUEST' ) && REST_REQUEST ) || isset( $_GET['wc-ajax'] ); // phpcs:ignore
	if ( $scripted || ! WC()->session ) {
		return;
	}
	$added   = (array) WC()->session->get( REGULARS_ADDED, array() );
	$added[] = array( (int) ( $variation_id ? $variation_id : $product_id ), (int) $quantity );
	WC()->session->set( REGULARS_ADDED, array_slice( $added, -20 ) );
}
add_action( 'woocommerce_add_to_cart', 'regulars_remember_added', 10, 4 );

/** "Product Added" for what was put into the basket by the page before this one. */
function regulars_added_before() {
	$calls = array();
	if ( ! WC()->session ) {
		return $calls;
	}
	foreach ( (array) WC()->session->get( REGULARS_ADDED, array() ) as $line ) {
		$product = is_array( $line ) && 2 === count( $line ) ? wc_get_product( $line[0] ) : null;
		if ( $product ) {
			$calls[] = array( 'track', 'Product Added', regulars_product( $product, $line[1] ) );
		}
	}
	if ( $calls ) {
		WC()->session->set( REGULARS_ADDED, array() );
	}
	return $calls;
}

/* ---------------------------------------------------------------- consent and compatibility */

add_filter( 'wp_consent_api_registered_' . plugin_basename( __FILE__ ), '__return_true' );

/** Tells consent tools what the snippet keeps on the device, and for which purpose. */
function regulars_cookies() {
	if ( ! function_exists( 'wp_add_cookie_info' ) ) {
		return;
	}
	$what = __( 'Recognises this browser, to count visits and to show what fits.', 'regulars' );
	$data = __( 'A random number and what was looked at', 'regulars' );
	foreach ( array( 'statistics', 'marketing' ) as $category ) {
		wp_add_cookie_info( 'rgl_t', 'Regulars', $category, __( 'until withdrawn', 'regulars' ), $what, $data, false, false, 'LOCALSTORAGE' );
	}
}
add_action( 'plugins_loaded', 'regulars_cookies', 20 );

function regulars_compatible() {
	if ( class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', __FILE__, true );
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', __FILE__, true );
	}
}
add_action( 'before_woocommerce_init', 'regulars_compatible' );

/* ---------------------------------------------------------------- the settings page */

function regulars_menu() {
	add_options_page( 'Regulars', 'Regulars', 'manage_options', 'regulars', 'regulars_page' );
}
add_action( 'admin_menu', 'regulars_menu' );

function regulars_register() {
	register_setting( 'regulars', 'regulars', array( 'type' => 'array', 'sanitize_callback' => 'regulars_clean' ) );
}
add_action( 'admin_init', 'regulars_register' );

/** Keeps only what can be an address, a key and a way of asking; a wrong one changes nothing. */
function regulars_clean( $given ) {
	$given  = is_array( $given ) ? array_map( 'strval', array_filter( $given, 'is_scalar' ) ) : array();
	$origin = isset( $given['origin'] ) ? rtrim( trim( $given['origin'] ), '/' ) : '';
	$key    = isset( $given['key'] ) ? trim( $given['key'] ) : '';
	$clean  = array( 'origin' => $origin, 'key' => $key, 'consent' => isset( $given['consent'] ) ? $given['consent'] : '' );
	if ( '' !== $origin && ! preg_match( '~^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._/-]*)?$~D', $origin ) ) {
		add_settings_error( 'regulars', 'origin', __( 'The address of the hub looks like https://hub.example.com', 'regulars' ) );
		$clean['origin'] = regulars_setting( 'origin' );
	}
	if ( '' !== $key && ! preg_match( '/^[A-Za-z0-9_-]{8,80}$/D', $key ) ) {
		add_settings_error( 'regulars', 'key', __( 'The key looks like wk_ and some letters; copy it from the page Install of your hub.', 'regulars' ) );
		$clean['key'] = regulars_setting( 'key' );
	}
	if ( ! array_key_exists( $clean['consent'], regulars_ways() ) ) {
		$clean['consent'] = '';
	}
	return $clean;
}

/** Who asks visitors for their consent. */
function regulars_ways() {
	return array(
		''     => __( 'WP Consent API if it is there, else as set in the hub', 'regulars' ),
		'hub'  => __( 'As set in the hub', 'regulars' ),
		'wp'   => __( 'WP Consent API', 'regulars' ),
		'auto' => __( 'Whichever consent tool is on the page', 'regulars' ),
		'gcm'  => __( 'Google Consent Mode', 'regulars' ),
		'tcf'  => __( 'IAB TCF', 'regulars' ),
		'own'  => __( 'The banner of the hub', 'regulars' ),
		'off'  => __( 'My own code', 'regulars' ),
	);
}

function regulars_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$chosen = regulars_setting( 'consent' );
	?>
	<div class="wrap">
		<h1>Regulars</h1>
		<form method="post" action="options.php">
			<?php settings_fields( 'regulars' ); ?>
			<table class="form-table" role="presentation">
				<tr><th scope="row"><label for="regulars-origin"><?php esc_html_e( 'Address of the hub', 'regulars' ); ?></label></th>
					<td><input class="regular-text" type="url" id="regulars-origin" name="regulars[origin]" value="<?php echo esc_attr( regulars_setting( 'origin' ) ); ?>"></td></tr>
				<tr><th scope="row"><label for="regulars-key"><?php esc_html_e( 'Key of this shop', 'regulars' ); ?></label></th>
					<td><input class="regular-text" type="text" id="regulars-key" name="regulars[key]" value="<?php echo esc_attr( regulars_setting( 'key' ) ); ?>"></td></tr>
				<tr><th scope="row"><label for="regulars-consent"><?php esc_html_e( 'Who asks for consent', 'regulars' ); ?></label></th>
					<td><select id="regulars-consent" name="regulars[consent]">
						<?php foreach ( regulars_ways() as $way => $label ) : ?>
							<option value="<?php echo esc_attr( $way ); ?>"<?php selected( $chosen, $way ); ?>><?php echo esc_html( $label ); ?></option>
						<?php endforeach; ?>
					</select></td></tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}

function regulars_uninstall() {
	delete_option( 'regulars' );
}
register_uninstall_hook( __FILE__, 'regulars_uninstall' );
