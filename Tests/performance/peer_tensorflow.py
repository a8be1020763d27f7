"""TensorFlow with Keras as a peer: a tf.function of one step (form graph), or compiled by XLA (form xla); Keras layers and optimizer."""

import os

import worker

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


def gaussian_kl(mu, logvar, variance=1.0):
  return ((tf.exp(logvar) + mu**2) / variance - 1 + numpy.log(variance, dtype=numpy.float32) - logvar) / 2


class Network:
  """Layers in a row, by the number that each has in jetlua, with the given weights."""

  def __init__(self, weights, part, plan):
    self.layers = []
    for number, layer in plan:
      name = part if number is None else f"{part}.{number}"
      self.layers.append(layer)
      if f"{name}.weight" in weights:
        layer.given = [weights[f"{name}.weight"], *([weights[f"{name}.bias"]] if f"{name}.bias" in weights else [])]
        if layer.given[0].ndim == 2:
          layer.given[0] = layer.given[0].T

  def __call__(self, x):
    for layer in self.layers:
      x = layer(x)
      if hasattr(layer, "given"):
        layer.set_weights(layer.given)
        del layer.given
    return x

  def variables(self):
    return [variable for layer in self.layers for variable in layer.trainable_variables]


class DirichletVAE:
  def __init__(self, weights):
    self.hidden = Network(weights, "encoder", [(1, layers.Dense(100, "selu"))])
    self.mu, self.logvar = Network(weights, "mu", [(None, layers.Dense(2))]), Network(weights, "logvar", [(None, layers.Dense(2))])
    self.decoder = Network(weights, "decoder", [(None, layers.Dense(1600, use_bias=False))])
    self.networks = self.hidden, self.mu, self.logvar, self.decoder

  def loss(self, x, noise, mass):
    h = self.hidden(x)
    mu, logvar = self.mu(h), self.logvar(h)
    output = tf.nn.log_softmax(self.decoder(tf.nn.softmax(mu + tf.exp(logvar / 2) * noise)))
    kl = tf.reduce_sum(gaussian_kl(mu, logvar, 0.5), 1)
    return tf.reduce_mean(-tf.reduce_sum(x * output, 1) + worker.PRIOR_BETA * kl)


class ConstituentVAE:
  disco = False

  def __init__(self, weights):
    def plan(widths, last):
      return [*((2 * i + 1, layers.Dense(width, "relu")) for i, width in enumerate(widths)), (7, layers.Dense(last))]

    self.networks = self.encoder, self.decoder = (
      Network(weights, "encoder", plan((256, 128, 64), 20)), Network(weights, "decoder", plan((64, 128, 256), 80)))

  def loss(self, x, noise, mass):
    mu, logvar = tf.split(self.encoder(x), 2, 1)
    error = tf.reduce_mean((self.decoder(mu + tf.exp(logvar / 2) * noise) - x) ** 2, 1)
    each = error + worker.CONSTITUENT_BETA * tf.reduce_mean(gaussian_kl(mu, logvar), 1)
    return tf.reduce_mean(each) + worker.LAMBDA * self.term(each, mass) if self.disco else tf.reduce_mean(each)

  @staticmethod
  def term(x, y):
    def centred(v):
      distance = abs(v[:, None] - v[None, :])
      row = tf.reduce_mean(distance, 1)
      return distance - row[:, None] - row[None, :] + tf.reduce_mean(row)

    a, b = centred(x), centred(y)
    return tf.reduce_mean(a * b) / tf.sqrt(tf.reduce_mean(a * a) * tf.reduce_mean(b * b))


class DisCoVAE(ConstituentVAE):
  disco = True


class ConvolutionalVAE:
  def __init__(self, weights):
    def conv(filters, activation="selu"):
      return layers.Conv2D(filters, 5, padding="same", activation=activation)

    self.networks = self.encoder, self.decoder = (
      Network(weights, "encoder", [
        (0, layers.Reshape((40, 40, 1))), (2, conv(10)), (4, conv(10)), (6, layers.AveragePooling2D(2)), (7, conv(10)), (9, conv(5)),
        (11, layers.Flatten()), (12, layers.Dense(100, "selu")), (14, layers.Dense(2))]),
      Network(weights, "decoder", [
        (1, layers.Dense(100, "selu")), (3, layers.Dense(2000, "selu")), (5, layers.Reshape((20, 20, 5))), (6, conv(10)), (8, conv(10)),
        (10, layers.UpSampling2D(2)), (11, conv(10)), (13, conv(1, None)), (14, layers.Flatten())]))

  def loss(self, x, noise, mass):
    mu, logvar = tf.split(self.encoder(x), 2, 1)
    error = tf.reduce_sum((self.decoder(mu + tf.exp(logvar / 2) * noise) - x) ** 2, 1)
    return tf.reduce_mean(error + worker.IMAGE_BETA * tf.reduce_sum(gaussian_kl(mu, logvar), 1))


class Adam(keras.optimizers.Adam):
  """Keras' Adam with epsilon where arXiv:1412.6980's algorithm 1 and all others here have it; Keras adds it before the correction of the bias."""

  def update_step(self, gradient, variable, learning_rate):
    count = tf.cast(self.iterations + 1, tf.float32)
    first, second = (slot[self._get_variable_index(variable)] for slot in (self._momentums, self._velocities))
    first.assign_add((gradient - first) * (1 - self.beta_1))
    second.assign_add((tf.square(gradient) - second) * (1 - self.beta_2))
    scale = tf.sqrt(1 - tf.pow(self.beta_2, count))
    rate = tf.cast(learning_rate, tf.float32) / (1 - tf.pow(self.beta_1, count))
    variable.assign_sub(rate * first / (tf.sqrt(second) / scale + self.epsilon))


class Peer:
  version = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
  models = {"dvae": DirichletVAE, "constituent": ConstituentVAE, "convolutional": ConvolutionalVAE, "disco": DisCoVAE}

  def __init__(self, model, form, data, threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(1)
    self.form, self.data, self.case, self.trainers = form, data, self.models[model], {}
    self.weights = data.channels_last() if model == "convolutional" else data.weights
    self.x, self.mass, self.noise = tf.constant(data.x), tf.constant(data.mass), tf.constant(data.noise)
    self.latent = data.noise.shape[2]

  def start(self, batch):
    data, case = self.data, self.case(self.weights)
    # Layers take their weights when they first see jets.
    case.loss(self.x[:1], self.noise[0, :1], self.mass[:1])
    variables = [variable for network in case.networks for variable in network.variables()]
    adam = Adam(data.lr, *data.betas, epsilon=data.eps)
    adam.build(variables)

    def descend(x, noise, mass):
      with tf.GradientTape() as tape:
        loss = case.loss(x, noise, mass)
      adam.apply(tape.gradient(loss, variables))
      return loss

    def drawn(rows):
      return descend(tf.gather(self.x, rows), tf.random.normal((batch, self.latent)), tf.gather(self.mass, rows))

    compiled = {"jit_compile": self.form == "xla"}
    self.trainers[batch] = tf.function(descend, **compiled), tf.function(drawn, **compiled)

  def step(self, batch, k):
    rows = self.data.rows(batch, k)
    return self.trainers[batch][0](self.x[rows], self.noise[k, :batch], self.mass[rows])

  def epoch(self, batch):
    steps, total = len(self.data.x) // batch, 0.0
    order = tf.random.shuffle(tf.range(len(self.data.x)))
    for k in range(steps):
      total += self.trainers[batch][1](order[k * batch:(k + 1) * batch])
    return total / steps


if __name__ == "__main__":
  worker.serve(Peer)
